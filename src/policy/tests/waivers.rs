//! Waivers: what they cover, and what is wrong with them.
