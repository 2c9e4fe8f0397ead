import { type ReactNode } from "react";
import { type Problem } from "@/lib/backend";
import { hintOf, presentations, type Tone } from "@/lib/errors";
import { Button } from "./Button";
import { Notice, type NoticeTone } from "./Notice";
import { CopyButton } from "./Text";

const tones: Record<Tone, NoticeTone> = {
  calm: "calm",
  silent: "calm",
  warning: "warning",
  danger: "danger",
};

interface ProblemNoticeProps {
  problem: Problem;
  onRetry?: () => void;
  onReconnect?: () => void;
  onUnlock?: () => void;
  /** Further ways out. */
  actions?: ReactNode;
  live?: boolean;
}

/** A fault in words, with the button that fixes it where there is one. */
export function ProblemNotice(props: ProblemNoticeProps) {
  const { problem, actions, live = true } = props;
  const { tone, action } = presentations[problem.code];
  const button = {
    reconnect: props.onReconnect && <Button onClick={props.onReconnect}>Connect again</Button>,
    unlock: props.onUnlock && <Button onClick={props.onUnlock}>Unlock</Button>,
    retry: props.onRetry && <Button onClick={props.onRetry}>Try again</Button>,
    copy: <CopyButton text={details(problem)} label="Copy details" />,
    logs: undefined,
    none: undefined,
  }[action];
  return (
    <Notice
      tone={tones[tone]}
      live={live}
      title={problem.message}
      actions={
        button || actions ? (
          <>
            {button}
            {actions}
          </>
        ) : undefined
      }
    >
      {hintOf(problem)}
    </Notice>
  );
}

const details = ({ code, message, hint }: Problem) => `${code}: ${message} ${hint}`.trim();
