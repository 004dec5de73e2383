// The command palette: everything that can be done, and every conversation, found by typing.

import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useLocation } from "wouter";
import { listSessions } from "../api/sessions.ts";
import { Dialog } from "../parts/Dialog.tsx";
import { type Option, Picker } from "../parts/Picker.tsx";
import { t } from "../strings/translate.ts";
import { shown, useAllCommands } from "./commands.ts";

export function Palette({ onClose }: { onClose: () => void }): ReactNode {
  const [, navigate] = useLocation();
  const commands = useAllCommands().filter((command) => command.when?.() ?? true);
  const sessions = useQuery({ queryKey: ["sessions"], queryFn: listSessions, retry: false });
  const options: Option[] = [
    ...commands.map((command) => ({ id: `command/${command.id}`, label: command.label, icon: command.icon, group: t("palette.actions"), badges: command.keys ? [shown(command.keys)] : [] })),
    ...(sessions.data ?? []).map((session) => ({
      id: `session/${session.sessionId}`,
      label: session.name || session.firstHumanMessage || t("sessions.unnamed"),
      icon: "chat" as const,
      group: t("palette.chats"),
    })),
  ];
  function choose(id: string): void {
    onClose();
    const [kind, ...rest] = id.split("/");
    const name = rest.join("/");
    // The focus goes back where it was before something else takes it.
    setTimeout(() => {
      if (kind === "session") navigate(`/chat/${name}`);
      else commands.find((command) => command.id === name)?.act();
    });
  }
  return (
    <Dialog shape="palette" quiet title={t("palette.title")} onClose={onClose}>
      <Picker label={t("palette.search")} options={options} onChoose={choose} />
    </Dialog>
  );
}

export function Shortcuts({ onClose }: { onClose: () => void }): ReactNode {
  const commands = useAllCommands().filter((command) => command.keys);
  const own = [
    [t("shortcuts.send"), shown("Enter")],
    [t("shortcuts.newline"), shown("Shift+Enter")],
  ] as const;
  return (
    <Dialog title={t("shortcuts.title")} onClose={onClose}>
      <dl className="shortcuts">
        {commands.map((command) => <div key={command.id}><dt>{command.label}</dt><dd><kbd>{shown(command.keys ?? "")}</kbd></dd></div>)}
        {own.map(([label, keys]) => <div key={label}><dt>{label}</dt><dd><kbd>{keys}</kbd></dd></div>)}
      </dl>
    </Dialog>
  );
}
