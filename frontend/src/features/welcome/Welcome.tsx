import { ArrowRight, FlaskConical, Plug, type LucideIcon } from "lucide-react";
import { href } from "@/lib/route";
import { Before } from "./Before";
import { Choose } from "./Choose";
import { Practice } from "./Practice";
import { Result } from "./Result";
import { Screen } from "./Screen";

/** The first run, five screens. The address says which, so that Back works. */
export function Welcome({ rest }: { rest: string[] }) {
  const [screen, agent] = rest;
  switch (screen) {
    case "practice":
      return <Practice key="practice" />;
    case "result":
      return <Result key="result" />;
    case "choose":
      return <Choose key="choose" />;
    case "before":
      return agent ? <Before key={agent} agent={agent} /> : <Choose key="choose" />;
    default:
      return <Hello key="hello" />;
  }
}

function Hello() {
  return (
    <Screen
      step={1}
      title="Small helpers for your accounts"
      lead="PIE Desktop runs little programs, called agents, that work with services you already use. They run on this computer, and you decide what each may see and change."
    >
      <ul className="flex flex-col gap-3">
        <Way
          primary
          icon={FlaskConical}
          to={href("welcome", "practice")}
          title="Try a practice account"
          text="Nothing real, no sign-up. Takes a minute."
        />
        <Way
          icon={Plug}
          to={href("welcome", "choose")}
          title="Connect a real account"
          text="See first what each service asks of you."
        />
      </ul>
    </Screen>
  );
}

interface WayProps {
  icon: LucideIcon;
  to: string;
  title: string;
  text: string;
  primary?: boolean;
}

function Way({ icon: Icon, to, title, text, primary }: WayProps) {
  return (
    <li>
      <a
        href={to}
        className={
          "group flex items-center gap-4 rounded-lg border p-5 transition-colors " +
          (primary
            ? "border-transparent bg-accent text-on-accent hover:bg-accent-hover"
            : "border-line bg-surface hover:bg-hover")
        }
      >
        <Icon size={24} strokeWidth={1.75} aria-hidden className={primary ? "" : "text-soft"} />
        <span className="flex flex-1 flex-col">
          <span className="text-lg font-semibold">{title}</span>
          <span className={primary ? "" : "text-soft"}>{text}</span>
        </span>
        <ArrowRight
          size={20}
          aria-hidden
          className="transition-transform group-hover:translate-x-1"
        />
      </a>
    </li>
  );
}
