// The messages that are shown: the newest are drawn at once, older ones while the browser is idle.

import { type ReactNode, type RefObject, useEffect, useLayoutEffect, useRef, useState } from "react";
import { t } from "../strings/translate.ts";
import { Icon } from "../parts/Icon.tsx";
import { Answer } from "./Answer.tsx";
import { Question } from "./Question.tsx";
import type { ChatState } from "./store.ts";
import { path, type Source, versions } from "./tree.ts";

/** Messages drawn before the page is shown, and with each idle moment after. */
const FIRST = 16;
const MORE = 8;
/** How near to the end counts as being there, in pixels. */
const NEAR = 80;

interface Props {
  state: ChatState;
  onOpenSource: (source: Source) => void;
}

export function MessageList({ state, onOpenSource }: Props): ReactNode {
  const { tree, live, id } = state;
  const shown = path(tree);
  const scroller = useRef<HTMLDivElement>(null);
  const drawn = useDrawn(id, shown.length);
  const { isAway, toEnd } = useEnd(scroller, `${id}/${tree.leaf ?? ""}/${drawn}`);
  return (
    <div className="scroller" ref={scroller}>
      <div className="messages">
        {shown.slice(-drawn).map((message) =>
          message.role === "user" ? (
            <Question key={message.id} message={message} versions={versions(tree, message)} />
          ) : (
            <Answer key={message.id} message={message} versions={versions(tree, message)} live={live?.id === message.id ? live.answer : null}
              phase={live?.id === message.id ? live.phase : null} onOpenSource={onOpenSource} />
          ),
        )}
      </div>
      {isAway && (
        <button type="button" className="to-end" title={t("chat.toEnd")} aria-label={t("chat.toEnd")} onClick={toEnd}><Icon name="down" /></button>
      )}
    </div>
  );
}

/** How many messages are drawn: more with each idle moment, from the start again with each conversation. */
function useDrawn(id: string, count: number): number {
  const [drawn, setDrawn] = useState({ id, count: FIRST });
  const current = drawn.id === id ? drawn.count : FIRST;
  useEffect(() => {
    if (current >= count) return undefined;
    const more = (): void => setDrawn({ id, count: current + MORE });
    if (typeof requestIdleCallback === "undefined") {
      const timer = setTimeout(more, 30);
      return () => clearTimeout(timer);
    }
    const request = requestIdleCallback(more);
    return () => cancelIdleCallback(request);
  }, [id, current, count]);
  return current;
}

/** Stays at the end while the list grows, unless somebody has scrolled away from it. */
function useEnd(scroller: RefObject<HTMLDivElement | null>, changed: string): { isAway: boolean; toEnd: () => void } {
  const [isAway, setAway] = useState(false);
  const stays = useRef(true);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return undefined;
    let height = element.scrollHeight;
    const onScroll = (): void => {
      const isNear = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR;
      // Growing moves the end away; only a person moves up.
      if (isNear) stays.current = true;
      else if (element.scrollHeight === height) stays.current = false;
      height = element.scrollHeight;
      setAway(!stays.current);
    };
    const observer = new ResizeObserver(() => {
      if (stays.current) toBottom(element);
      height = element.scrollHeight;
    });
    element.addEventListener("scroll", onScroll, { passive: true });
    if (element.firstElementChild) observer.observe(element.firstElementChild);
    observer.observe(element);
    return () => {
      observer.disconnect();
      element.removeEventListener("scroll", onScroll);
    };
  }, [scroller]);
  useLayoutEffect(() => {
    if (stays.current) toBottom(scroller.current);
  }, [scroller, changed]);
  function toEnd(): void {
    stays.current = true;
    setAway(false);
    toBottom(scroller.current);
  }
  return { isAway, toEnd };
}

function toBottom(element: HTMLElement | null): void {
  element?.scrollTo(0, element.scrollHeight);
}
