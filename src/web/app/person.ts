// Who is signed in, for components.

import { createContext, useContext } from "react";
import type { Person } from "../auth/session.ts";

export const PersonContext = createContext<Person>({ name: "", email: "", isAdmin: false });

export function usePerson(): Person {
  return useContext(PersonContext);
}
