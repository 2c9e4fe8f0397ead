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
}

/** Says when it runs without asking anyone to write an expression. */
export function SchedulePicker({ pick, onPick, error, usual, zone }: PickerProps) {
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
      <p className="text-sm text-soft">
        {atTime && zone && `By the clock of ${zone}. `}
        {usual !== "" && scheduleOf(pick).schedule !== usual && (
          <TextButton onClick={() => onPick(pickOf(usual))}>
            Back to what the agent suggests: {scheduleWords(usual).toLowerCase()}
          </TextButton>
        )}
      </p>
    </fieldset>
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
