/**
 * Marks of providers: the SVG paths of simple-icons, copied at build and only
 * these. A provider without one gets a tile with its letter.
 */
const files = import.meta.glob<string>(
  [
    "/node_modules/simple-icons/icons/{airtable,asana,atlassian,bitbucket,box,clickup}.svg",
    "/node_modules/simple-icons/icons/{codeberg,discord,dropbox,feedly,figma,github}.svg",
    "/node_modules/simple-icons/icons/{gitlab,google,hubspot,linear,miro,notion}.svg",
    "/node_modules/simple-icons/icons/{reddit,sentry,spotify,stripe,todoist,trello}.svg",
    "/node_modules/simple-icons/icons/{twitch,zoom,strava,vercel,netlify}.svg",
  ],
  { query: "?raw", import: "default", eager: true },
);

const paths = new Map(
  Object.entries(files).map(([file, svg]) => [
    file.replace(/^.*\/|\.svg$/g, ""),
    / d="([^"]+)"/.exec(svg)?.[1] ?? "",
  ]),
);

/** The path of a mark on a 24 by 24 grid, or undefined. */
export const brandPath = (provider: string) => paths.get(provider) || undefined;
