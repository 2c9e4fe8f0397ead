import { type Effort } from "@/lib/backend";

/** How much work it is to get going, said before and not after. */
export const effortWords: Record<Effort, { label: string; hint: string }> = {
  none: { label: "Sign in only", hint: "Nothing to prepare." },
  token: { label: "Paste a key", hint: "You copy a key from the service’s own pages once." },
  setup: {
    label: "One-time set-up",
    hint: "You register this program at the service once. It takes about ten minutes.",
  },
};
