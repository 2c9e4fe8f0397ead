import { useQuery } from "@tanstack/react-query";
import { type Write, type WriteReason } from "@/lib/backend";
import { queries } from "@/lib/backend/queries";
import { useNames } from "@/lib/hooks";
import { type StatusTone } from "@/ui/Status";

const verbs: Record<string, string> = {
  POST: "Send something to",
  PUT: "Replace something at",
  PATCH: "Change something at",
  DELETE: "Delete something at",
};

/** What the change would do, as far as its method tells. */
export const writeVerb = (method: string) => verbs[method] ?? `Make a ${method} request to`;

export const writeReasons: Record<WriteReason, string> = {
  dry_run: "Held back because it was a dry run.",
  access: "Its connection asks before each change.",
  new_host: "It ran by itself and has never written to this place before.",
};

export const writeStates: Record<Write["state"], { tone: StatusTone; text: string }> = {
  asking: { tone: "busy", text: "A run waits for you" },
  waiting: { tone: "idle", text: "Not sent" },
  sending: { tone: "busy", text: "Being sent" },
  unsure: { tone: "warn", text: "May have been sent" },
};

/** Where it goes; addresses of strangers need not be addresses. */
export function hostOf(url: string): string {
  try {
    return new URL(url).host;
  } catch {
    return url;
  }
}

/** The service of a write by its name; what is none has the name of its host. */
export function usePlace() {
  const names = useNames();
  const connections = useQuery(queries.connections());
  return ({ connection, url }: Write) => {
    const known = connections.data?.find(({ id }) => connection !== "" && id === connection);
    return known ? names.provider(known.provider) : hostOf(url);
  };
}

/** A body as a person can read it: JSON with lines, all else as it is. */
export function readable(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}
