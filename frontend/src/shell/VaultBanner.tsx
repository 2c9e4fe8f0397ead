import { useQuery } from "@tanstack/react-query";
import { queries } from "@/lib/backend/queries";
import { useSheets } from "@/lib/sheets";
import { ProblemNotice } from "@/ui/ProblemNotice";

/** Keys that cannot be opened concern every page, so every page says so. */
export function VaultBanner() {
  const { data } = useQuery(queries.vault());
  const showSheet = useSheets();
  if (!data?.problem) return null;
  return (
    <div className="mx-auto max-w-4xl px-5 pt-6 md:px-10">
      <ProblemNotice problem={data.problem} onUnlock={() => showSheet({ kind: "unlock" })} />
    </div>
  );
}
