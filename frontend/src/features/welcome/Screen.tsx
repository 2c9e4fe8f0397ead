import { useEffect, useRef, type ReactNode } from "react";
import { ArrowLeft, X } from "lucide-react";
import { href } from "@/lib/route";
import { ButtonLink } from "@/ui/Button";

interface ScreenProps {
  step: number;
  title: string;
  lead?: ReactNode;
  back?: string;
  children: ReactNode;
}

const steps = 5;

/** One screen of the first run: one thought, one next step. */
export function Screen({ step, title, lead, back, children }: ScreenProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <div className="flex h-full flex-col overflow-y-auto">
      <header className="flex h-16 shrink-0 items-center justify-between px-5">
        <div className="min-w-24">
          {back && (
            <ButtonLink look="quiet" size="sm" href={back} icon={ArrowLeft}>
              Back
            </ButtonLink>
          )}
        </div>
        <p className="text-sm text-faint">
          Step {step} of {steps}
        </p>
        <ButtonLink look="quiet" size="sm" href={href("connections")} icon={X}>
          Skip
        </ButtonLink>
      </header>
      <main className="animate-rise mx-auto w-full max-w-xl px-6 pt-[max(1rem,11vh)] pb-20">
        <h1
          ref={heading}
          tabIndex={-1}
          className="text-2xl font-semibold tracking-tight break-words outline-none"
        >
          {title}
        </h1>
        {lead && <div className="mt-3 text-lg text-pretty text-soft">{lead}</div>}
        <div className="mt-8 flex flex-col gap-6">{children}</div>
      </main>
    </div>
  );
}
