// Where announcements appear: a log that is read out and not seen.

import { type ReactNode, useEffect, useState } from "react";
import { onAnnouncement } from "./announce.ts";

/** Older lines have been read. */
const KEPT = 4;

export function LiveRegion(): ReactNode {
  const [lines, setLines] = useState<{ id: number; text: string }[]>([]);
  useEffect(() => {
    let id = 0;
    return onAnnouncement((text) => {
      id += 1;
      setLines((before) => [...before.slice(1 - KEPT), { id, text }]);
    });
  }, []);
  return (
    <div className="unseen" role="log" aria-live="polite" aria-relevant="additions">
      {lines.map((line) => <p key={line.id}>{line.text}</p>)}
    </div>
  );
}
