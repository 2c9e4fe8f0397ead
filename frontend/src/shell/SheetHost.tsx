import { useCallback, useState, type ReactNode } from "react";
import { SheetContext, type Sheet } from "@/lib/sheets";
import { InstallSheet } from "@/features/agents/InstallSheet";
import { ConnectSheet } from "@/features/connections/ConnectSheet";
import { DisconnectSheet } from "@/features/connections/DisconnectSheet";
import { ClientSheet } from "@/features/settings/ClientSheet";
import { UnlockSheet } from "@/features/settings/UnlockSheet";

/** Sheets lie on each other: unlocking may be asked for in the middle of connecting. */
export function SheetHost({ children }: { children: ReactNode }) {
  const [stack, setStack] = useState<Sheet[]>([]);
  const show = useCallback((sheet: Sheet) => setStack((before) => [...before, sheet]), []);
  const close = () => setStack((before) => before.slice(0, -1));
  return (
    <SheetContext value={show}>
      {children}
      {stack.map((sheet, index) => (
        <One key={index} sheet={sheet} onClose={close} />
      ))}
    </SheetContext>
  );
}

function One({ sheet, onClose }: { sheet: Sheet; onClose: () => void }) {
  switch (sheet.kind) {
    case "connect":
      return <ConnectSheet of={refOf(sheet)} another={sheet.another} onClose={onClose} />;
    case "disconnect":
      return <DisconnectSheet of={refOf(sheet)} onClose={onClose} />;
    case "install":
      return (
        <InstallSheet
          of={{ source: sheet.source, content: sheet.content }}
          link={sheet.link}
          onClose={onClose}
        />
      );
    case "client":
      return <ClientSheet provider={sheet.provider} agent={sheet.agent} onClose={onClose} />;
    case "unlock":
      return <UnlockSheet onClose={onClose} />;
  }
}

const refOf = ({ agent, service, account }: Sheet & { kind: "connect" | "disconnect" }) => ({
  agent,
  service,
  account,
});
