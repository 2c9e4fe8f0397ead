import { useNow } from "@/lib/hooks";
import { Time } from "@/ui/Text";

/** When something begins at the earliest; within a minute that is "in a moment". */
export function Soon({ at }: { at: string }) {
  const now = useNow();
  if (Date.parse(at) - now < 60_000) return "in a moment";
  return (
    <>
      <Time at={at} /> at the earliest
    </>
  );
}
