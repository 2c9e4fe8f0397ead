import { useQuery, keepPreviousData } from "@tanstack/react-query";
import { call, type Automation, type Fault } from "@/lib/backend";
import { moment } from "@/lib/format";
import { useSettled } from "@/lib/hooks";

interface Draft {
  /** Empty while what was picked makes no schedule. */
  schedule: string;
  zone: string;
}

/** When it would run by what is picked now; the services know, and say why not. */
export function useNextTimes({ id }: Automation, draft: Draft) {
  const { schedule, zone } = useSettled(draft, 250);
  const { data, error, isPlaceholderData } = useQuery<string[], Fault>({
    queryKey: ["next", id, schedule, zone],
    queryFn: () => call("Automations.Next", { id, count: 3, schedule, zone }),
    enabled: schedule !== "",
    placeholderData: keepPreviousData,
    gcTime: 0,
  });
  const settled = schedule === draft.schedule && zone === draft.zone;
  return { times: data, error: settled ? error : null, old: isPlaceholderData || !settled };
}

interface NextProps {
  times: string[] | undefined;
  zone: string;
}

/** Three lines, always as high, so that nothing below moves while somebody types. */
export function NextTimes({ times, zone }: NextProps) {
  return (
    <div className="min-h-24 rounded-md bg-sunken px-4 py-3" aria-live="polite">
      <p className="text-sm text-soft">
        {times?.length === 0 ? "It runs at no certain time." : "It would run next"}
      </p>
      <ul>
        {times?.map((at) => (
          <li key={at}>
            <time dateTime={at}>{moment(at, zone)}</time>
          </li>
        ))}
      </ul>
    </div>
  );
}
