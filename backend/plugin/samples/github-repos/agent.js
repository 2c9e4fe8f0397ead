async function handler(input, context) {
  // Check connection
  if (!await context.oauth.isConnected()) {
    return { error: true, requiresAuth: true };
  }

  // Make authenticated request
  const response = await context.oauth.fetch(
    'https://api.github.com/user/repos',
    {
      headers: { 'Accept': 'application/vnd.github.v3+json' }
    }
  );

  if (!response.ok) {
    return { error: true, message: `API error: ${response.status}` };
  }

  const repos = JSON.parse(response.body);
  return { repos: repos.map(r => r.name) };
}
