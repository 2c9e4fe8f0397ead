// The services behind a page, called without it: to prepare what a screen shows.

export class Services {
  static async of(url) {
    const html = await (await fetch(url)).text();
    const token = /name="page-token" content="([^"]+)"/.exec(html)[1];
    return new Services(url, token);
  }

  constructor(url, token) {
    this.url = url;
    this.token = token;
  }

  async call(method, params = null) {
    const response = await fetch(`${this.url}call/${method}`, {
      method: "POST",
      headers: { "X-Page-Token": this.token },
      body: JSON.stringify(params),
    });
    const text = await response.text();
    if (!response.ok)
      throw Object.assign(new Error(`${method}: ${text}`), { status: response.status });
    return JSON.parse(text);
  }

  /** The address a sign-in waits at, once it does. */
  async address(op) {
    for (let tries = 0; tries < 12_000; tries++) {
      const attempt = await this.call("Connections.Attempt", { op }).catch(() => null);
      if (attempt?.url) return attempt.url;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    throw new Error("the sign-in never asked for anything");
  }

  async install(source, content) {
    const sheet = await this.call("Agents.Inspect", { source, content });
    const { hash, hosts, api_hosts, calls } = sheet;
    return this.call("Agents.Install", {
      source,
      content,
      hash,
      hosts,
      api_hosts,
      calls,
      clients: [],
      link: false,
    });
  }

  /** Connects the practice account of an agent under a label, the person included. */
  async connect(world, account, agent = "practice-notes") {
    const op = `e2e-${account}-${Math.random()}`;
    const done = this.call("Connections.Connect", {
      op,
      agent,
      service: "default",
      account,
      redirect: "loopback",
      no_browser: true,
      timeout_ms: 600_000,
    });
    await world.allow(await this.address(op));
    return done;
  }
}

/** The address of the sign-in that the page begins when act is done. */
export async function addressOf(page, services, act) {
  const [request] = await Promise.all([
    page.waitForRequest((each) => each.url().endsWith("/call/Connections.Connect")),
    act(),
  ]);
  return services.address(request.postDataJSON().op);
}
