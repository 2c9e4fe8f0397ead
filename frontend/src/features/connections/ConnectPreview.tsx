import { ShieldCheck } from "lucide-react";
import { type ConnectSheet, type ProviderInfo, type RedirectKind } from "@/lib/backend";
import { listed } from "@/lib/format";
import { Choice } from "@/ui/Choice";
import { SelectField, TextField } from "@/ui/Field";
import { Notice } from "@/ui/Notice";
import { Fold } from "@/ui/Page";
import { Scopes } from "@/ui/Scopes";
import { CopyField } from "@/ui/Text";
import { FirstSetUp } from "./FirstSetUp";
import { hostsWith, Parameters } from "./Parameters";
import { TokenForm } from "./TokenForm";

const kinds: Record<RedirectKind, string> = {
  scheme: "Straight back to this window",
  loopback: "By an address on this computer",
  paste: "By pasting the address yourself",
  device: "By typing a short code on another page",
};

interface PreviewProps {
  sheet: ConnectSheet;
  /** A further account, which needs a name of its own. */
  another: boolean;
  /** One of that name is connected already. */
  taken?: boolean;
  redirect: RedirectKind | "";
  onRedirect: (kind: RedirectKind | "") => void;
  account: string;
  onAccount?: (label: string) => void;
  params: Record<string, string>;
  onParams: (params: Record<string, string>) => void;
  way: Way;
  onWay: (way: Way) => void;
  token: string;
  onToken: (token: string) => void;
}

/** By signing in, or with a token that the person made. */
export type Way = "browser" | "token";

/** Who gets what, and where it may go. */
export function ConnectPreview(props: PreviewProps) {
  const { sheet, another, redirect, onRedirect, account, onAccount } = props;
  const preferred = sheet.redirects.find((each) => each.preferred) ?? sheet.redirects[0];
  const chosen = sheet.redirects.find((each) => each.kind === redirect) ?? preferred;
  const before = another ? undefined : sheet.connection?.account?.label;
  return (
    <>
      {before && (
        <p className="break-words">
          It is connected as <span className="font-medium">{before}</span> now. Sign in as the same
          one to go on with it; another one takes its place.
        </p>
      )}
      {another && (
        <TextField
          label="Name of this account"
          hint="Tells it from the others, for example “work”. Sign in there with the other account."
          error={props.taken ? "One of your accounts has this name already." : undefined}
          value={account}
          onChange={(event) => onAccount?.(event.target.value)}
        />
      )}
      {sheet.provider.token_steps.length > 0 && (
        <Choice
          label="How to connect"
          value={props.way}
          onChange={props.onWay}
          options={[
            {
              value: "browser",
              label: `Sign in at ${sheet.provider.name}`,
              hint: sheet.missing_secret
                ? "Wants a one-time set-up first."
                : "You allow it on its own page.",
            },
            {
              value: "token",
              label: "Paste a personal token",
              hint: "You make it there yourself. Nothing is registered.",
            },
          ]}
        />
      )}
      {props.way === "browser" && <FirstSetUp sheet={sheet} />}
      <Parameters sheet={sheet} another={another} params={props.params} onParams={props.onParams} />
      {props.way === "token" && (
        <TokenForm provider={sheet.provider} token={props.token} onToken={props.onToken} />
      )}
      <section>
        <h3 className="mb-2 text-sm font-medium text-soft">{sheet.agent_name} will be able to</h3>
        {sheet.scopes.length > 0 ? (
          <Scopes scopes={sheet.scopes} />
        ) : (
          <p>Do what you allow on {sheet.provider.name}’s own page.</p>
        )}
      </section>
      <p className="flex items-start gap-3 rounded-md bg-sunken px-4 py-3 text-soft">
        <ShieldCheck size={18} aria-hidden className="mt-0.5 shrink-0" />
        <span className="min-w-0 break-words">
          Your access stays in PIE Desktop and is sent only to{" "}
          {listed(hostsWith(sheet.hosts, props.params))}. The agent never sees it.
        </span>
      </p>
      <AddedHosts of={sheet.provider} />
      {props.way === "browser" && sheet.client.registers && (
        <p className="text-soft">
          PIE Desktop registers itself at {sheet.provider.name} for this agent when you go on. You
          need no app of your own.
        </p>
      )}
      {props.way === "browser" && chosen?.kind === "paste" && (
        <Notice title="One step is by hand">
          {sheet.provider.name} cannot come back to this window by itself. After you allow access,
          the browser shows a page that cannot be opened. Copy its address and paste it here.
        </Notice>
      )}
      <Fold title="More options">
        <div className="flex flex-col gap-4">
          {onAccount && !another && (
            <TextField
              label="Name of this account"
              optional
              hint="Only needed for a second account at the same service, for example “work”."
              value={account}
              onChange={(event) => onAccount(event.target.value)}
            />
          )}
          {props.way === "browser" && kindsOf(sheet).length > 1 && (
            <SelectField
              label="How the answer comes back"
              value={redirect || (chosen?.kind ?? "")}
              onChange={(event) => onRedirect(event.target.value as RedirectKind)}
            >
              {kindsOf(sheet).map((kind) => (
                <option key={kind} value={kind}>
                  {kinds[kind]}
                </option>
              ))}
            </SelectField>
          )}
          {props.way === "browser" && redirect !== "device" && chosen?.address && (
            <div className="flex flex-col gap-1.5">
              <p className="font-medium">Redirect address</p>
              <CopyField text={chosen.address} />
            </div>
          )}
        </div>
      </Fold>
    </>
  );
}

/** What a file of the person changes, said before anything is sent there. */
function AddedHosts({ of }: { of: ProviderInfo }) {
  if (of.added_hosts.length === 0) {
    return null;
  }
  return (
    <Notice tone="warning" title="A file of your own changes this service">
      It adds {listed(of.added_hosts)}. What you sign in with is sent there too. If you do not know
      that file, look into the folder of your settings before you go on.
    </Notice>
  );
}

/** The ways an answer can come back; a device code has no address to register. */
const kindsOf = ({ redirects, provider }: ConnectSheet): RedirectKind[] => [
  ...redirects.map(({ kind }) => kind),
  ...(provider.redirect.includes("device") ? (["device"] as const) : []),
];
