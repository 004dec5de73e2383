// A dialog: the browser's own, which keeps the focus inside and gives it back where it came from.

import { type ReactNode, useEffect, useId, useRef } from "react";
import { t } from "../strings/translate.ts";
import { Icon } from "./Icon.tsx";

interface Props {
  title: string;
  onClose: () => void;
  children: ReactNode;
  /** Buttons at the bottom. */
  actions?: ReactNode;
  /** `side` slides in from the right and takes the whole height. */
  shape?: "middle" | "wide" | "side" | "palette";
  /** A title that is read and not seen. */
  quiet?: boolean;
}

export function Dialog({ title, onClose, children, actions, shape = "middle", quiet = false }: Props): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const element = dialog.current;
    const before = document.activeElement;
    element?.showModal();
    return () => {
      element?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    // A press beside the box closes it, as Escape and the button do.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions, jsx-a11y/click-events-have-key-events
    <dialog
      ref={dialog}
      className="dialog"
      data-shape={shape}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === dialog.current) onClose();
      }}
    >
      <div className="dialog-box">
        <header className={quiet ? "unseen" : "dialog-head"}>
          <h2 id={id}>{title}</h2>
          {!quiet && <button type="button" className="icon-button" aria-label={t("common.close")} title={t("common.close")} onClick={onClose}><Icon name="close" /></button>}
        </header>
        <div className="dialog-body">{children}</div>
        {actions && <footer className="dialog-actions">{actions}</footer>}
      </div>
    </dialog>
  );
}

interface ConfirmProps {
  title: string;
  children: ReactNode;
  action: string;
  onConfirm: () => void;
  onClose: () => void;
}

/** Asks before something is taken away. */
export function Confirm({ title, children, action, onConfirm, onClose }: ConfirmProps): ReactNode {
  return (
    <Dialog
      title={title}
      onClose={onClose}
      actions={
        <>
          <button type="button" className="button" onClick={onClose}>{t("common.cancel")}</button>
          <button
            type="button"
            className="button danger"
            onClick={() => {
              onConfirm();
              onClose();
            }}
          >
            {action}
          </button>
        </>
      }
    >
      {children}
    </Dialog>
  );
}
