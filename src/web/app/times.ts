// Conversations by how long ago they were: pinned, today, yesterday, this week, this month, earlier.

export const GROUPS = ["pinned", "today", "yesterday", "week", "month", "older"] as const;
export type Group = (typeof GROUPS)[number];

interface Timed {
  lastUpdated: string;
  pinned: boolean;
}

const DAY = 86_400_000;

/** Groups that are not empty, in order. A day begins at the reader's midnight. */
export function grouped<T extends Timed>(items: readonly T[], now: Date): { group: Group; items: T[] }[] {
  const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate()).getTime();
  const groupOf = ({ lastUpdated, pinned }: Timed): Group => {
    if (pinned) return "pinned";
    const time = Date.parse(lastUpdated);
    if (Number.isNaN(time)) return "older";
    if (time >= midnight) return "today";
    if (time >= midnight - DAY) return "yesterday";
    if (time >= midnight - 7 * DAY) return "week";
    return time >= midnight - 30 * DAY ? "month" : "older";
  };
  const byGroup = new Map<Group, T[]>();
  for (const item of items) {
    const group = groupOf(item);
    byGroup.set(group, [...(byGroup.get(group) ?? []), item]);
  }
  return GROUPS.flatMap((group) => {
    const found = byGroup.get(group);
    return found ? [{ group, items: found }] : [];
  });
}
