import { useState } from "react";
import { useQuery } from "@tanstack/react-query";
import { ArrowLeft, FolderCode } from "lucide-react";
import { call } from "@/lib/backend";
import { go, href } from "@/lib/route";
import { Button } from "@/ui/Button";
import { TextField } from "@/ui/Field";
import { Card, Page, Section } from "@/ui/Page";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { CopyField } from "@/ui/Text";

/** Where the agent is written: a folder that runs in place already, or any other. */
export function ChooseFolder() {
  const folders = useQuery({ queryKey: ["studio", ""], queryFn: () => call("Studio.Folders") });
  const [folder, setFolder] = useState("");
  return (
    <Page
      title="Write an agent"
      lead="Keep your editor beside this window. At every save you see what is wrong and what the agent does."
      above={
        <a
          href={href("agents")}
          className="inline-flex items-center gap-1.5 rounded-sm text-sm text-soft hover:text-ink"
        >
          <ArrowLeft size={14} aria-hidden />
          Agents
        </a>
      }
    >
      {folders.error && (
        <ProblemNotice problem={folders.error} onRetry={() => void folders.refetch()} />
      )}
      {folders.data && folders.data.length > 0 && (
        <Section title="Agents that run from their folder">
          <ul className="divide-y divide-line overflow-hidden rounded-lg border border-line bg-surface">
            {folders.data.map((each) => (
              <li key={each.agent}>
                <a
                  href={href("author", each.folder)}
                  className="flex items-center gap-4 px-5 py-3 transition-colors hover:bg-hover focus-visible:-outline-offset-2"
                >
                  <FolderCode size={18} aria-hidden className="shrink-0 text-faint" />
                  <span className="min-w-0">
                    <span className="block font-medium break-words">{each.display_name}</span>
                    <code className="block font-mono text-xs break-all text-soft">
                      {each.folder}
                    </code>
                  </span>
                </a>
              </li>
            ))}
          </ul>
        </Section>
      )}
      <Section title="Another folder">
        <Card>
          <form
            noValidate
            className="flex flex-col gap-4"
            onSubmit={(event) => {
              event.preventDefault();
              if (folder.trim()) go("author", folder.trim());
            }}
          >
            <TextField
              label="Folder"
              hint="The whole path, such as /home/you/my-agent."
              value={folder}
              onChange={(event) => setFolder(event.target.value)}
            />
            <Button type="submit" look="primary" className="self-start" disabled={!folder.trim()}>
              Open the folder
            </Button>
          </form>
        </Card>
      </Section>
      <Section title="No folder yet?" lead="In a terminal, this begins one with an example in it.">
        <CopyField text="pie agent new my-agent" />
      </Section>
    </Page>
  );
}
