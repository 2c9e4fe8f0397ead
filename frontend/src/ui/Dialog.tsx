import { useEffect, useRef, useState, type ReactNode } from "react";
import * as Primitive from "@radix-ui/react-dialog";
import { X } from "lucide-react";
import { IconButton } from "./Button";
import { cx } from "./cx";

interface DialogProps {
  title: ReactNode;
  /** One sentence under the title. */
  lead?: ReactNode;
  onClose: () => void;
  footer?: ReactNode;
  children: ReactNode;
  wide?: boolean;
  mark?: ReactNode;
}

/**
 * A sheet over the page, hung from the top so that it stays in place while its
 * content changes. The veil is ours and not the primitive's: that one
 * brings a style element for scroll locking, which the policy of the page
 * refuses and a page that never scrolls does not need.
 */
export function Dialog(props: DialogProps) {
  const { title, lead, onClose, footer, children, wide, mark } = props;
  return (
    <Primitive.Root open onOpenChange={(open) => !open && onClose()}>
      <Primitive.Portal>
        <div
          className="animate-appear fixed inset-0 z-40 flex items-start justify-center bg-veil px-4 pt-[min(10dvh,6rem)]"
          data-veil
        >
          <Primitive.Content
            {...(lead ? {} : { "aria-describedby": undefined })}
            onOpenAutoFocus={focusPanel}
            className={cx(
              "animate-rise flex max-h-[calc(100dvh-min(10dvh,6rem)-1rem)] w-full flex-col rounded-lg border",
              "border-line bg-surface shadow-raised outline-none",
              wide ? "max-w-2xl" : "max-w-lg",
            )}
          >
            <header className="flex items-start gap-4 px-6 pt-6 pb-4">
              {mark}
              <div className="min-w-0 flex-1">
                <Primitive.Title className="text-lg font-semibold break-words">
                  {title}
                </Primitive.Title>
                {lead && (
                  <Primitive.Description className="mt-1 text-soft">{lead}</Primitive.Description>
                )}
              </div>
              <Primitive.Close asChild>
                <IconButton icon={X} label="Close" className="-mt-1 -mr-2" />
              </Primitive.Close>
            </header>
            <Body>{children}</Body>
            {footer && (
              <footer className="flex flex-wrap items-center justify-end gap-2 border-t border-line px-6 py-4">
                {footer}
              </footer>
            )}
          </Primitive.Content>
        </div>
      </Primitive.Portal>
    </Primitive.Root>
  );
}

/** What is longer than the sheet is scrolled with the keyboard too. */
function Body({ children }: { children: ReactNode }) {
  const outer = useRef<HTMLDivElement>(null);
  const inner = useRef<HTMLDivElement>(null);
  const [scrolls, setScrolls] = useState(false);
  useEffect(() => {
    const { current: box } = outer;
    const { current: content } = inner;
    if (!box || !content) return;
    const observer = new ResizeObserver(() => setScrolls(box.scrollHeight > box.clientHeight));
    observer.observe(box);
    observer.observe(content);
    return () => observer.disconnect();
  }, []);
  return (
    <div
      ref={outer}
      className="min-h-0 flex-1 overflow-y-auto px-6 pt-1 pb-6 focus-visible:-outline-offset-2"
      {...(scrolls ? { tabIndex: 0, role: "group", "aria-label": "Text of the sheet" } : {})}
    >
      <div ref={inner} className="flex flex-col gap-5">
        {children}
      </div>
    </div>
  );
}

// The panel takes the focus, so that a reader begins with the title and Enter
// presses nothing by accident; the first Tab goes to the first control.
function focusPanel(event: Event) {
  event.preventDefault();
  (event.currentTarget as HTMLElement | null)?.focus();
}
