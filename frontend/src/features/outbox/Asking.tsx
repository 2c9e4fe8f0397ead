import { useState } from "react";
import { useQuery } from "@tanstack/react-query";
import { queries } from "@/lib/backend/queries";
import { useNames } from "@/lib/hooks";
import { Button } from "@/ui/Button";
import { Notice } from "@/ui/Notice";
import { WriteSheet } from "./WriteSheet";
import { usePlace } from "./words";

/** A run that waits for an answer asks at once, on whatever page; put off, it stays above it. */
export function Asking() {
  const names = useNames();
  const placeOf = usePlace();
  const { data } = useQuery(queries.outbox());
  const [later, setLater] = useState<string[]>([]);
  const asking = (data ?? []).filter(({ state }) => state === "asking");
  const now = asking.find(({ id }) => !later.includes(id));
  return (
    <>
      {asking
        .filter(({ id }) => later.includes(id))
        .map((each) => (
          <div key={each.id} className="mx-auto max-w-4xl px-5 pt-6 md:px-10">
            <Notice
              tone="warning"
              title={`${names.agent(each.agent)} waits for your answer`}
              actions={
                <Button
                  size="sm"
                  onClick={() => setLater((before) => before.filter((id) => id !== each.id))}
                >
                  Look at it
                </Button>
              }
            >
              It wants to change something at {placeOf(each)}.
            </Notice>
          </div>
        ))}
      {now && (
        <WriteSheet
          key={now.id}
          write={now}
          onClose={() => setLater((before) => [...before, now.id])}
        />
      )}
    </>
  );
}
