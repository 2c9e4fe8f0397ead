import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vitest/config";

// The development server injects inline scripts and styles, so only the built
// page carries the content security policy.
const policyOnlyWhenBuilt: Plugin = {
  name: "policy-only-when-built",
  apply: "serve",
  transformIndexHtml: (html) =>
    html.replace(/<meta\s+http-equiv="Content-Security-Policy"[^>]*>/, ""),
};

export default defineConfig({
  plugins: [react(), tailwindcss(), policyOnlyWhenBuilt],
  resolve: { alias: { "@": new URL("./src", import.meta.url).pathname } },
  build: {
    target: "safari18",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1200,
  },
  test: {
    environment: "happy-dom",
    include: ["src/**/*.test.{ts,tsx}"],
    setupFiles: ["src/test-setup.ts"],
    testTimeout: 120_000,
    restoreMocks: true,
  },
});
