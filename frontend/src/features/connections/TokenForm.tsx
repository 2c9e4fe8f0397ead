import { ExternalLink } from "lucide-react";
import { call, type ProviderInfo } from "@/lib/backend";
import { toast } from "@/lib/toast";
import { Button } from "@/ui/Button";
import { TextField } from "@/ui/Field";

interface TokenFormProps {
  provider: ProviderInfo;
  token: string;
  onToken: (token: string) => void;
}

/** How a personal token is made at the service, and where it goes. */
export function TokenForm({ provider, token, onToken }: TokenFormProps) {
  const url = provider.token_url;
  return (
    <div className="flex flex-col gap-4">
      <ol className="list-decimal pl-5 marker:text-faint">
        {provider.token_steps.map((step) => (
          <li key={step} className="py-0.5 pl-1 break-words">
            {step}
          </li>
        ))}
      </ol>
      {url && (
        <Button
          className="self-start"
          icon={ExternalLink}
          onClick={() =>
            void call("System.OpenLink", { url }).catch(() =>
              toast("The browser could not be opened."),
            )
          }
        >
          Open {provider.name}’s page
        </Button>
      )}
      <TextField
        type="password"
        label="Personal token"
        hint="It is tried once, sealed here and never shown again."
        value={token}
        onChange={(event) => onToken(event.target.value)}
      />
    </div>
  );
}
