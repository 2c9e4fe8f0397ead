import { useMutation, useQueryClient } from "@tanstack/react-query";
import { call, type Theme } from "@/lib/backend";
import { queries } from "@/lib/backend/queries";
import { Choice } from "@/ui/Choice";
import { Section } from "@/ui/Page";
import { ProblemNotice } from "@/ui/ProblemNotice";

type Shown = "system" | "light" | "dark";

export function Appearance({ theme }: { theme: Theme }) {
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: (theme: Theme) => call("System.SetTheme", { theme }),
    // The look changes with the click and not with the answer.
    onMutate: (theme) => {
      const { queryKey } = queries.info();
      client.setQueryData(queryKey, (info) => info && { ...info, theme });
    },
    onSettled: () => client.invalidateQueries(queries.info()),
  });
  return (
    <Section title="Appearance">
      <Choice<Shown>
        row
        label="Appearance"
        value={theme || "system"}
        onChange={(next) => save.mutate(next === "system" ? "" : next)}
        options={[
          { value: "system", label: "Like the system" },
          { value: "light", label: "Light" },
          { value: "dark", label: "Dark" },
        ]}
      />
      {save.error && <ProblemNotice problem={save.error} />}
    </Section>
  );
}
