/** Who is logged in, in the server's words. */
export interface SessionState {
  /** False on a server that lets everybody in. */
  needed: boolean;
  loggedIn: boolean;
  name: string;
}

/**
 * The page's login: the server keeps a cookie with this browser that no script can read. Owned by the server link. Fires "change" when
 * it is known who is logged in.
 */
export class Session extends EventTarget {
  /** Undefined until the server has said. */
  state: SessionState | undefined;

  /** Asks the server who is logged in. */
  async refresh(): Promise<void> {
    const answer = await fetch('/login');
    if (!answer.ok) return;
    this.state = (await answer.json()) as SessionState;
    this.dispatchEvent(new Event('change'));
  }

  /** Logs in; answers why not, or undefined if it went well. */
  async logIn(token: string): Promise<string | undefined> {
    const answer = await fetch('/login', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token }),
    });
    return answer.ok ? undefined : (await answer.text()).trim();
  }

  async logOut(): Promise<void> {
    await fetch('/login', { method: 'DELETE' });
  }
}
