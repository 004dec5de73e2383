// An empty conversation: a greeting, and prompts of one's own to begin with.

import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { listPrompts } from "../api/small.ts";
import { usePerson } from "../app/person.ts";
import { t } from "../strings/translate.ts";

const SHOWN = 4;

export function Welcome({ onChoose }: { onChoose: (text: string) => void }): ReactNode {
  const person = usePerson();
  const prompts = useQuery({ queryKey: ["prompts"], queryFn: listPrompts, retry: false });
  const first = person.name.split(/[\s@]/)[0] ?? "";
  return (
    <section className="welcome" aria-label={t("chat.welcome")}>
      <p className="greeting">{first ? t("chat.hello", { name: first }) : t("chat.helloNobody")}</p>
      {prompts.data && prompts.data.length > 0 && (
        <ul className="starters">
          {prompts.data.filter((prompt) => prompt.type === "directive").slice(0, SHOWN).map((prompt) => (
            <li key={prompt.id}>
              <button type="button" className="starter" onClick={() => onChoose(prompt.body)}>
                <span>{prompt.title}</span>
                <small>{prompt.body.slice(0, 80)}</small>
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
