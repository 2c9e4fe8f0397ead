import { brandPath } from "@/lib/brands";
import { cx } from "./cx";

const sizes = { sm: "size-8 text-base", md: "size-10 text-lg", lg: "size-12 text-xl" };
const inner = { sm: 16, md: 20, lg: 24 };

interface MarkProps {
  /** Id of a provider; without a known mark the letter of the name stands. */
  id: string;
  name: string;
  size?: keyof typeof sizes;
}

export function Mark({ id, name, size = "md" }: MarkProps) {
  const path = brandPath(id);
  const letter = [...name.trim()][0]?.toUpperCase() ?? "?";
  return (
    <span
      aria-hidden
      className={cx(
        "grid shrink-0 place-items-center rounded-md border border-line bg-sunken font-semibold text-soft select-none",
        sizes[size],
      )}
    >
      {path ? (
        <svg viewBox="0 0 24 24" width={inner[size]} height={inner[size]} fill="currentColor">
          <path d={path} />
        </svg>
      ) : (
        letter
      )}
    </span>
  );
}
