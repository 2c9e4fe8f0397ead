import { type Automation, type EnableRequest, type SheetAccount } from "@/lib/backend";
import { SelectField, SwitchField } from "@/ui/Field";
import { Fold } from "@/ui/Page";
import { hasTimes } from "./words";

interface OptionsProps {
  automation: Automation;
  accounts: SheetAccount[];
  wish: EnableRequest;
  onChange: (part: Partial<EnableRequest>) => void;
}

/** What hardly anybody changes: missed times, overlaps, failures, network, battery, the account. */
export function MoreOptions({ automation, accounts, wish, onChange }: OptionsProps) {
  const labels = [...new Set(accounts.map(({ label }) => label))];
  return (
    <Fold title="More options">
      <div className="flex flex-col gap-4">
        {labels.length > 1 && (
          <SelectField
            label="Account"
            value={wish.account}
            onChange={(event) => onChange({ account: event.target.value })}
          >
            {labels.map((label) => (
              <option key={label} value={label}>
                {label || accounts.find((each) => each.label === label)?.account || "The first one"}
              </option>
            ))}
          </SelectField>
        )}
        {hasTimes(automation) && (
          <SelectField
            label="Times that pass while the computer is off"
            value={wish.missed}
            onChange={(event) => onChange({ missed: event.target.value })}
          >
            <option value="once">Run once for all of them afterwards</option>
            <option value="skip">Leave them out</option>
            <option value="all">Run once for each of them</option>
          </SelectField>
        )}
        <SelectField
          label="When the run before has not ended"
          value={wish.overlap}
          onChange={(event) => onChange({ overlap: event.target.value })}
        >
          <option value="skip">Leave the new one out</option>
          <option value="queue">Run it afterwards</option>
        </SelectField>
        <SelectField
          label="When a run fails for a reason that may pass"
          hint="Never by itself where it may have changed something already."
          value={wish.retry}
          onChange={(event) => onChange({ retry: event.target.value })}
        >
          <option value="later">Try again a few times later</option>
          <option value="never">Leave it at that</option>
        </SelectField>
        <SwitchField
          label="Wait for the network"
          hint="A run that is due begins once there is one."
          checked={wish.network === "wait"}
          onChange={(on) => onChange({ network: on ? "wait" : "ignore" })}
        />
        <SwitchField
          label="Spare the battery"
          hint="A run that is due waits while the computer saves its battery."
          checked={wish.battery === "wait"}
          onChange={(on) => onChange({ battery: on ? "wait" : "ignore" })}
        />
      </div>
    </Fold>
  );
}
