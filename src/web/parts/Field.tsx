// Form fields with a label, a word of help and a place for what is wrong.

import { type ReactNode, useId } from "react";

interface Frame {
  label: string;
  help?: string | undefined;
  error?: string | undefined;
}

interface TextProps extends Frame {
  value: string;
  onChange: (value: string) => void;
  type?: "text" | "number" | "password" | "url" | "date";
  placeholder?: string;
  required?: boolean;
  min?: number | string;
  max?: number;
  step?: number;
  rows?: number;
  mono?: boolean;
  list?: readonly string[];
  disabled?: boolean;
}

/** A text, a number or, with `rows`, several lines. */
export function TextField({ label, help, error, value, onChange, rows, mono, list, type = "text", ...rest }: TextProps): ReactNode {
  const id = useId();
  const described = [help ? `${id}-help` : "", error ? `${id}-error` : ""].filter(Boolean).join(" ") || undefined;
  const shared = { id, value, className: mono ? "mono" : undefined, "aria-invalid": error ? true : undefined, "aria-describedby": described, ...rest };
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {rows ? (
        <textarea {...shared} rows={rows} onChange={(event) => onChange(event.target.value)} />
      ) : (
        <input {...shared} type={type} list={list ? `${id}-list` : undefined} onChange={(event) => onChange(event.target.value)} autoComplete="off" />
      )}
      {list && <datalist id={`${id}-list`}>{list.map((option) => <option key={option} value={option} />)}</datalist>}
      {help && <p id={`${id}-help`} className="help">{help}</p>}
      {error && <p id={`${id}-error`} className="error">{error}</p>}
    </div>
  );
}

interface SelectProps extends Frame {
  value: string;
  onChange: (value: string) => void;
  options: readonly { value: string; label: string }[];
  disabled?: boolean;
}

export function SelectField({ label, help, error, value, onChange, options, disabled }: SelectProps): ReactNode {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select id={id} value={value} disabled={disabled} aria-describedby={help ? `${id}-help` : undefined} onChange={(event) => onChange(event.target.value)}>
        {options.map((option) => <option key={option.value} value={option.value}>{option.label}</option>)}
      </select>
      {help && <p id={`${id}-help`} className="help">{help}</p>}
      {error && <p className="error">{error}</p>}
    </div>
  );
}

interface SwitchProps {
  label: string;
  help?: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
  disabled?: boolean;
}

export function Switch({ label, help, checked, onChange, disabled }: SwitchProps): ReactNode {
  const id = useId();
  return (
    <div className="switch-row">
      <div>
        <label htmlFor={id}>{label}</label>
        {help && <p id={`${id}-help`} className="help">{help}</p>}
      </div>
      <input id={id} type="checkbox" role="switch" className="switch" checked={checked} disabled={disabled} aria-describedby={help ? `${id}-help` : undefined}
        onChange={(event) => onChange(event.target.checked)} />
    </div>
  );
}
