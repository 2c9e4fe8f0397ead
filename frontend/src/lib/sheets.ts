/**
 * Sheets that one feature asks for and another owns. A feature calls `show`;
 * the shell, where features meet, puts the right sheet on the screen.
 */
import { createContext, useContext } from "react";
import { type ConnectionRef, type InspectRequest } from "@/lib/backend";

export type Sheet =
  /** another: a further account beside the ones that are connected. */
  | ({ kind: "connect"; another?: boolean } & ConnectionRef)
  | ({ kind: "disconnect" } & ConnectionRef)
  /** link: it runs in place, from its folder. */
  | ({ kind: "install"; link?: boolean } & InspectRequest)
  | { kind: "client"; provider: string; agent: string }
  | { kind: "unlock" };

export const SheetContext = createContext<(sheet: Sheet) => void>(() => {
  throw new Error("no sheet host");
});

export const useSheets = () => useContext(SheetContext);
