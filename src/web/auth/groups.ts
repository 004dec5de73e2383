// Whether a token's claims put somebody into a group. This decides what is shown; the services decide what is allowed.

/** Follows `property` (`groups`, `realm_access.roles`, `cognito:groups`) into the claims. */
export function isMember(claims: object, property: string, group: string): boolean {
  if (group === "") return false;
  const whole = (claims as Record<string, unknown>)[property];
  const found = whole ?? property.split(".").reduce<unknown>(step, claims);
  if (typeof found === "string") return found.split(/[\s,]+/).includes(group);
  return Array.isArray(found) && found.includes(group);
}

function step(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
