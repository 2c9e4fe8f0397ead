/** The one table of how a fault looks and what a person can do about it. */
import { type Code, type Problem } from "@/lib/backend";

export type Tone = "calm" | "warning" | "danger" | "silent";
export type ActionName = "reconnect" | "unlock" | "retry" | "copy" | "logs" | "none";

interface Presentation {
  tone: Tone;
  title: string;
  action: ActionName;
  /** What to do, when the fault's own hint speaks of the terminal or is empty. */
  hint: string;
}

export const presentations: Record<Code, Presentation> = {
  invalid: {
    tone: "warning",
    title: "That does not fit",
    action: "none",
    hint: "Correct the value and try again.",
  },
  not_found: {
    tone: "warning",
    title: "Not there any more",
    action: "retry",
    hint: "It may have been removed meanwhile. Load again to see what is there now.",
  },
  conflict: {
    tone: "warning",
    title: "Something else comes first",
    action: "none",
    hint: "Look at what is missing or already there, then try again.",
  },
  denied: {
    tone: "calm",
    title: "Not allowed",
    action: "none",
    hint: "Nothing was changed. You can try again at any time.",
  },
  canceled: { tone: "silent", title: "Stopped", action: "none", hint: "" },
  reconnect: {
    tone: "warning",
    title: "Sign in again",
    action: "reconnect",
    hint: "The access has ended. Connect again to go on.",
  },
  locked: {
    tone: "danger",
    title: "Your keys are locked",
    action: "unlock",
    hint: "Unlock your keys to go on. Nothing is lost.",
  },
  in_use: {
    tone: "warning",
    title: "Something else is using it",
    action: "retry",
    hint: "Close the other program that uses it, then try again.",
  },
  offline: {
    tone: "warning",
    title: "No answer",
    action: "retry",
    hint: "The service or the network is down for the moment. Try again in a little while.",
  },
  limited: {
    tone: "warning",
    title: "A limit was reached",
    action: "retry",
    hint: "Wait a little, then try again.",
  },
  script: {
    tone: "danger",
    title: "The agent reported a problem",
    action: "logs",
    hint: "Look at the log of the run. The agent's author can help.",
  },
  internal: {
    tone: "danger",
    title: "Something went wrong inside",
    action: "copy",
    hint: "Try again. If it stays, run the check-up in Settings.",
  },
};

/** Words that tell a person to type a command. */
export const ofTheTerminal = (text: string) => /\bpie [a-z]+|--[a-z]|\bPIE_[A-Z_]+/.test(text);

/** A text for a person at the window: without the sentences that name a command. */
export const withoutTerminal = (text: string) =>
  text
    .split(/(?<=[.;]) /)
    .filter((sentence) => !ofTheTerminal(sentence))
    .join(" ")
    .replace(/;$/, ".");

export const hintOf = (problem: Problem) =>
  withoutTerminal(problem.hint) || presentations[problem.code].hint;

/** What is still needed, in the words of the agent and without the command for the terminal. */
export const needWords = (text: string) =>
  text.replace(/:? *\(?\bpie [a-z].*$/, "").replace(/^Set \S+ \((.+)\)$/, "$1");
