import { type ConnectSheet } from "@/lib/backend";
import { SelectField, TextField } from "@/ui/Field";

interface ParametersProps {
  sheet: ConnectSheet;
  /** What is known is of the account that is there, not of this one. */
  another: boolean;
  params: Record<string, string>;
  onParams: (params: Record<string, string>) => void;
}

/** What the service must know of the account: a subdomain, a region. Known ones need no word. */
export function Parameters({ sheet, another, params, onParams }: ParametersProps) {
  const { parameters } = sheet.provider;
  if ((sheet.connection && !another) || parameters.length === 0) return null;
  const set = (key: string, value: string) => onParams({ ...params, [key]: value });
  return (
    <>
      {parameters.map(({ key, label, suffix, example, choices, default: usual }) =>
        choices.length > 0 ? (
          <SelectField
            key={key}
            label={capital(label)}
            value={params[key] ?? usual}
            onChange={(event) => set(key, event.target.value)}
          >
            {usual === "" && <option value="">Choose one</option>}
            {choices.map((choice) => (
              <option key={choice} value={choice}>
                {choice}
              </option>
            ))}
          </SelectField>
        ) : (
          <TextField
            key={key}
            label={capital(label)}
            hint={[suffix && `What stands before ${suffix}.`, example && `For example ${example}.`]
              .filter(Boolean)
              .join(" ")}
            value={params[key] ?? usual}
            onChange={(event) => set(key, event.target.value)}
          />
        ),
      )}
    </>
  );
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** Hosts with what was said of the account in them. */
export const hostsWith = (hosts: string[], params: Record<string, string>) =>
  hosts.map((host) => host.replace(/\{(\w+)\}/g, (_, key: string) => params[key]?.trim() || "…"));

/** Whether something that has no default was not said yet. */
export const missesParameter = (
  sheet: ConnectSheet,
  another: boolean,
  params: Record<string, string>,
) =>
  (sheet.connection === null || another) &&
  sheet.provider.parameters.some(({ key, default: usual }) => (params[key] ?? usual).trim() === "");
