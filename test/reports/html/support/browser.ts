/**
 * A headless Chromium of the machine, driven over its DevTools protocol by a pipe: no download, no
 * port. Where the machine has none, tests that need it are skipped and say so.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Path of the browser, or null. */
export function findChromium(): string | null {
  const named = process.env['CHROMIUM'];
  const places = named === undefined ? PLACES : [named, ...PLACES];
  return places.find((place) => existsSync(place)) ?? null;
}

interface Answer {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly message: string };
  readonly sessionId?: string;
}

export class Browser {
  private readonly child: ChildProcess;
  private readonly profile: string;
  private readonly input: Writable;
  private readonly waiting = new Map<number, (answer: Answer) => void>();
  private readonly listeners: ((answer: Answer) => void)[] = [];
  private next = 1;
  private rest = '';

  constructor(program: string) {
    this.profile = mkdtempSync(join(tmpdir(), 'lictor-browser-'));
    const options = ['--headless=new', '--no-sandbox', '--disable-gpu', '--no-first-run'].concat(
      '--disable-dev-shm-usage',
      '--hide-scrollbars',
      '--remote-debugging-pipe',
      `--user-data-dir=${this.profile}`,
    );
    const stdio = ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] as const;
    this.child = spawn(program, options, { stdio: [...stdio] });
    this.input = this.child.stdio[3] as Writable;
    const output = this.child.stdio[4] as Readable;
    output.setEncoding('utf8');
    output.on('data', (text: string) => this.read(text));
  }

  private read(text: string): void {
    const parts = (this.rest + text).split('\0');
    this.rest = parts.pop()!;
    for (const part of parts) {
      const answer = JSON.parse(part) as Answer;
      if (answer.id === undefined) for (const listener of this.listeners) listener(answer);
      else this.waiting.get(answer.id)?.(answer);
    }
  }

  listen(listener: (answer: Answer) => void): void {
    this.listeners.push(listener);
  }

  async send(
    method: string,
    params: Readonly<Record<string, unknown>> = {},
    sessionId?: string,
  ): Promise<Readonly<Record<string, unknown>>> {
    const id = this.next++;
    const message = { id, method, params, ...(sessionId === undefined ? {} : { sessionId }) };
    return await new Promise((resolve, reject) => {
      this.waiting.set(id, ({ result, error }) => {
        this.waiting.delete(id);
        if (error === undefined) resolve(result ?? {});
        else reject(new Error(`${method}: ${error.message}`));
      });
      this.input.write(`${JSON.stringify(message)}\0`);
    });
  }

  /** An empty tab of the given size in pixels. */
  async open(width: number, height: number): Promise<Tab> {
    const { targetId } = await this.send('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await this.send('Target.attachToTarget', { targetId, flatten: true });
    const tab = new Tab(this, sessionId as string);
    await tab.begin();
    await tab.resize(width, height);
    return tab;
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    await this.send('Browser.close').catch(() => this.child.kill());
    await ended;
    rmSync(this.profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

export type Scheme = 'light' | 'dark';

export class Tab {
  /** What the page complained about: exceptions, errors on its console, requests to anywhere. */
  readonly complaints: string[] = [];
  private readonly browser: Browser;
  private readonly session: string;
  private loaded: (() => void) | null = null;

  constructor(browser: Browser, session: string) {
    this.browser = browser;
    this.session = session;
    browser.listen((answer) => this.onEvent(answer));
  }

  private onEvent({ method, params, sessionId }: Answer): void {
    if (sessionId !== this.session) return;
    if (method === 'Page.loadEventFired') this.loaded?.();
    if (method === 'Runtime.exceptionThrown' || method === 'Log.entryAdded') {
      this.complaints.push(JSON.stringify(params));
    }
    if (method === 'Network.requestWillBeSent') {
      const { url } = params!['request'] as { readonly url: string };
      if (!/^(file|data|about):/.test(url)) this.complaints.push(`asks for ${url}`);
    }
  }

  async begin(): Promise<void> {
    for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await this.send(`${domain}.enable`);
  }

  async send(method: string, params: Readonly<Record<string, unknown>> = {}) {
    return await this.browser.send(method, params, this.session);
  }

  async resize(width: number, height: number): Promise<void> {
    const mobile = width < 600;
    await this.send('Emulation.setDeviceMetricsOverride', {
      width,
      height,
      deviceScaleFactor: 1,
      mobile,
    });
  }

  async prefer(scheme: Scheme): Promise<void> {
    const features = [{ name: 'prefers-color-scheme', value: scheme }];
    await this.send('Emulation.setEmulatedMedia', { features });
  }

  /** Opens a file and waits until its scripts have run. */
  async load(file: string): Promise<void> {
    const loaded = new Promise<void>((resolve) => (this.loaded = resolve));
    await this.send('Page.navigate', { url: `file://${file}` });
    await loaded;
    await this.evaluate('new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50)))');
  }

  /** The value of an expression within the page. */
  async evaluate<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = (await this.send('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
    })) as { result: { value: T }; exceptionDetails?: { exception?: { description?: string } } };
    if (exceptionDetails !== undefined) {
      throw new Error(exceptionDetails.exception?.description ?? 'the page threw');
    }
    return result.value;
  }

  async press(key: string): Promise<void> {
    const text = key.length === 1 ? { text: key } : {};
    await this.send('Input.dispatchKeyEvent', { type: 'keyDown', key, ...text });
    await this.send('Input.dispatchKeyEvent', { type: 'keyUp', key });
  }

  async mouse(type: string, x: number, y: number, button = 'none'): Promise<void> {
    const buttons = button === 'left' ? 1 : 0;
    await this.send('Input.dispatchMouseEvent', { type, x, y, button, buttons, clickCount: 1 });
  }

  /** A PNG of the whole page, or of what `selector` names, in base64. */
  async screenshot(selector = 'body'): Promise<string> {
    const clip = await this.evaluate<Readonly<Record<string, number>>>(
      `(() => { const box = document.querySelector(${JSON.stringify(selector)}).getBoundingClientRect();
        return { x: box.x + scrollX, y: box.y + scrollY, width: box.width, height: box.height, scale: 1 }; })()`,
    );
    const { data } = await this.send('Page.captureScreenshot', {
      format: 'png',
      captureBeyondViewport: true,
      clip,
    });
    return data as string;
  }
}
