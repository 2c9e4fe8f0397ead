import { useEffect, useState } from "react";
import * as Dialog from "@radix-ui/react-dialog";
import { useQuery } from "@tanstack/react-query";
import { Command } from "cmdk";
import { Bot, Plug, type LucideIcon } from "lucide-react";
import { queries } from "@/lib/backend/queries";
import { useNames } from "@/lib/hooks";
import { href } from "@/lib/route";
import { paletteEvent } from "./openPalette";
import { navigation } from "./Sidebar";

/** Ctrl or Cmd and K: any place, agent or connection by its name. */
export function Palette() {
  const [open, setOpen] = useState(false);
  useEffect(() => {
    const show = () => setOpen(true);
    const key = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      setOpen((before) => !before);
    };
    window.addEventListener(paletteEvent, show);
    window.addEventListener("keydown", key);
    return () => {
      window.removeEventListener(paletteEvent, show);
      window.removeEventListener("keydown", key);
    };
  }, []);
  return (
    <Dialog.Root open={open} onOpenChange={setOpen}>
      <Dialog.Portal>
        <div className="animate-appear fixed inset-0 z-40 bg-veil p-4 pt-[12dvh]">
          <Dialog.Content
            aria-describedby={undefined}
            className="animate-rise mx-auto max-w-lg overflow-hidden rounded-lg border border-line bg-surface shadow-raised outline-none"
          >
            <Dialog.Title className="sr-only">Find</Dialog.Title>
            <List onChoose={() => setOpen(false)} />
          </Dialog.Content>
        </div>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function List({ onChoose }: { onChoose: () => void }) {
  const names = useNames();
  const agents = useQuery(queries.agents());
  const connections = useQuery(queries.connections());
  const choose = (to: string) => {
    onChoose();
    window.location.hash = to;
  };
  const connected = (connections.data ?? []).filter(({ status }) => status !== "not_connected");
  return (
    <Command label="Find a place, an agent or a connection" loop>
      <Command.Input
        placeholder="Find a place, an agent or a connection"
        className="h-12 w-full border-b border-line bg-transparent px-4 text-lg outline-none"
      />
      <Command.List className="max-h-80 overflow-y-auto p-2">
        <Command.Empty className="px-3 py-6 text-center text-soft">
          Nothing of that name.
        </Command.Empty>
        {navigation.map(({ place, label, icon }) => (
          <Item key={place} id={`place ${label}`} icon={icon} onSelect={() => choose(href(place))}>
            {label}
          </Item>
        ))}
        {agents.data?.map(({ name, display_name }) => (
          <Item
            key={name}
            id={`agent ${display_name} ${name}`}
            icon={Bot}
            hint="Agent"
            onSelect={() => choose(href("agents", name))}
          >
            {display_name}
          </Item>
        ))}
        {connected.map(({ id, provider, agent, account, label }) => (
          <Item
            key={id}
            id={`connection ${names.provider(provider)} ${account?.label ?? label} ${id}`}
            icon={Plug}
            hint={`Used by ${names.agent(agent)}`}
            onSelect={() => choose(href("connections"))}
          >
            {[names.provider(provider), account?.label ?? label].filter(Boolean).join(" · ")}
          </Item>
        ))}
      </Command.List>
    </Command>
  );
}

interface ItemProps {
  id: string;
  icon: LucideIcon;
  hint?: string;
  onSelect: () => void;
  children: string;
}

function Item({ id, icon: Icon, hint, onSelect, children }: ItemProps) {
  return (
    <Command.Item
      value={id}
      onSelect={onSelect}
      className="flex h-10 cursor-pointer items-center gap-3 rounded-md px-3 data-[selected=true]:bg-hover"
    >
      <Icon size={16} aria-hidden className="shrink-0 text-faint" />
      <span className="min-w-0 flex-1 truncate">{children}</span>
      {hint && <span className="shrink-0 text-sm text-faint">{hint}</span>}
    </Command.Item>
  );
}
