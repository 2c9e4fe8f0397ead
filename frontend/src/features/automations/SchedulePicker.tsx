import { useState, type ReactNode } from "react";
import {
  pickOf,
  scheduleOf,
  scheduleWords,
  weekdays,
  type Pick,
  type PickKind,
} from "@/lib/schedule";
import { TextButton } from "@/ui/Button";
import { SelectField, TextField } from "@/ui/Field";
import { placeOf } from "./words";

const kinds: Record<PickKind, string> = {
  day: "Every day",
  weekdays: "Every weekday",
  week: "Once a week",
  every: "Every so often",
  exact: "By an exact expression",
};

interface PickerProps {
  pick: Pick;
  onPick: (pick: Pick) => void;
  error: string | undefined;
  /** The author's schedule, empty when there is none. */
  usual: string;
  zone: string;
  onZone: (zone: string) => void;
  /** When it would run, as it is picked. */
  children: ReactNode;
}

/** Says when it runs without asking anyone to write an expression. */
export function SchedulePicker(props: PickerProps) {
  const { pick, onPick, error, usual, zone, onZone, children } = props;
  const set = (part: Partial<Pick>) => onPick({ ...pick, ...part });
  const atTime = pick.kind === "day" || pick.kind === "weekdays" || pick.kind === "week";
  return (
    <fieldset className="flex flex-col gap-3">
      <legend className="mb-2 font-medium">When it runs</legend>
      <div className="grid gap-3 md:grid-cols-2">
        <SelectField
          label="How often"
          value={pick.kind}
          onChange={(event) => set({ kind: event.target.value as PickKind })}
        >
          {(Object.keys(kinds) as PickKind[]).map((kind) => (
            <option key={kind} value={kind}>
              {kinds[kind]}
            </option>
          ))}
        </SelectField>
        {pick.kind === "week" && (
          <SelectField
            label="Day"
            value={pick.day}
            onChange={(event) => set({ day: Number(event.target.value) })}
          >
            {weekdays.map((name, day) => (
              <option key={name} value={day}>
                {name}
              </option>
            ))}
          </SelectField>
        )}
        {atTime && (
          <TextField
            type="time"
            label="At"
            value={pick.time}
            error={error}
            onChange={(event) => set({ time: event.target.value })}
          />
        )}
        {pick.kind === "every" && <Amount pick={pick} set={set} error={error} />}
        {pick.kind === "exact" && (
          <TextField
            label="Expression"
            hint="Like 0 7 * * 1-5, or start."
            value={pick.text}
            error={error}
            onChange={(event) => set({ text: event.target.value })}
          />
        )}
      </div>
      {usual !== "" && scheduleOf(pick).schedule !== usual && (
        <p className="text-sm">
          <TextButton onClick={() => onPick(pickOf(usual))}>
            Back to what the agent suggests: {scheduleWords(usual).toLowerCase()}
          </TextButton>
        </p>
      )}
      {isClock(pick) && <Zone zone={zone} onZone={onZone} />}
      {children}
    </fieldset>
  );
}

// An interval counts hours, whatever the clock says.
const isClock = ({ kind, text }: Pick) =>
  kind !== "every" && (kind !== "exact" || text.trim().includes(" "));

/** Whose clock it goes by; hardly anybody changes that. */
function Zone({ zone, onZone }: { zone: string; onZone: (zone: string) => void }) {
  const [open, setOpen] = useState(false);
  if (!open) {
    return (
      <p className="text-sm text-soft">
        By the clock of {placeOf(zone)}.{" "}
        <TextButton onClick={() => setOpen(true)}>Use another clock</TextButton>
      </p>
    );
  }
  const zones = [...new Set([zone, "UTC", ...Intl.supportedValuesOf("timeZone")])].sort();
  return (
    <SelectField
      label="By the clock of"
      autoFocus
      value={zone}
      onChange={(event) => onZone(event.target.value)}
    >
      {zones.map((each) => (
        <option key={each} value={each}>
          {placeOf(each)}
        </option>
      ))}
    </SelectField>
  );
}

function Amount(props: {
  pick: Pick;
  set: (part: Partial<Pick>) => void;
  error: string | undefined;
}) {
  const { pick, set, error } = props;
  return (
    <div className="grid grid-cols-2 gap-3">
      <TextField
        label="Every"
        inputMode="numeric"
        value={pick.amount}
        error={error}
        onChange={(event) => set({ amount: event.target.value })}
      />
      <SelectField
        label="Unit"
        value={pick.unit}
        onChange={(event) => set({ unit: event.target.value === "m" ? "m" : "h" })}
      >
        <option value="m">minutes</option>
        <option value="h">hours</option>
      </SelectField>
    </div>
  );
}
