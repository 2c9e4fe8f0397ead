import { useToasts } from "@/lib/toast";

export function Toasts() {
  const toasts = useToasts();
  return (
    <div
      role="status"
      aria-live="polite"
      className="pointer-events-none fixed bottom-5 left-1/2 z-50 flex -translate-x-1/2 flex-col items-center gap-2"
    >
      {toasts.map(({ id, text }) => (
        <p
          key={id}
          className="animate-rise max-w-md rounded-md bg-ink px-4 py-2.5 text-canvas shadow-raised break-words"
        >
          {text}
        </p>
      ))}
    </div>
  );
}
