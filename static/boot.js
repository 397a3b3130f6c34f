// Runs before the page is built: the chosen language and theme, present mode, and what Python's listeners call.
(() => {
  const stored = (key) => {
    try {
      return localStorage.getItem(`inspector-${key}`);
    } catch {
      return null; // storage is switched off
    }
  };
  const query = new URLSearchParams(location.search);
  const asked = query.get('lang') ?? stored('language');
  const browser = (navigator.language || 'en').startsWith('ko') ? 'ko' : 'en';
  window.INSPECTOR_LANGUAGE = ['en', 'ko'].includes(asked) ? asked : browser;
  document.documentElement.lang = window.INSPECTOR_LANGUAGE;
  const present = query.get('present') === '1' || (window.INSPECTOR_PRESENT && query.get('present') !== '0');
  const theme = query.get('__theme') || (present ? 'light' : stored('theme'));
  const apply = () => {
    document.body.classList.toggle('present', present);
    if (window.INSPECTOR_LANGUAGE !== browser) document.querySelector('#speak')?.click(); // Gradio's components follow the browser
    if (theme === 'dark' || theme === 'light') document.body.classList.toggle('dark', theme === 'dark');
  };

  const now = () => performance.timeOrigin + performance.now();
  let live = false;
  let sweepOf = {};
  const shown = {}; // by view: the payload on the page
  let wanted = []; // compressors that another page asked for
  let opened = null; // a case of the gallery: { id, text }
  const filling = {}; // by page: what its boxes are being filled with, for the run that was asked for last
  /** Gradio is late with what was typed or filled in, the more so on a busy machine: what fills a box counts, else what it holds. */
  const held = (page, name, box, told) => filling[page]?.[name] ?? document.querySelector(`#${box} textarea`)?.value ?? told;
  let ready;
  const page = new Promise((resolve) => (ready = resolve));
  window.inspector = {
    ready, // page.js calls it
    /** A preset's button can be pressed before page.js is there. */
    preset: async (chosen, names) => (await page).preset(chosen, names),
    turn: async (where) => (await page).turn(where),
    /** Gradio sets its own theme class while it starts; ours is set once the header stands. */
    apply,
    /** What a run is told. */
    order: () => ({ moment: now(), language: window.INSPECTOR_LANGUAGE, live, truncate: window.inspector.truncation, case: opened?.id ?? null }),
    wantedView: null, // { view, mode, unit } that a link asks for; compare.js takes it
    truncation: null, // of each memory: "8" directions, "90%" of the energy, or null for all; static/truncate.js sets it
    /** Start a run, of what the boxes hold or of `given`, { text, names }, which fills them. */
    go(from, given = null) {
      live = from === 'live';
      if (from !== 'case') opened = null;
      filling.compare = given;
      setTimeout(() => document.querySelector('#go')?.click(), 80);
    },
    /** What a run takes. */
    asking: (text, names) => [held('compare', 'text', 'source', text), filling.compare?.names ?? names, window.inspector.order()],
    /** Start a truncation sweep of { text, names }; what it finds comes to `swept`. */
    sweep(asked) {
      sweepOf = asked;
      document.querySelector('#sweep-go')?.click();
    },
    sweepOrder: () => ({ ...window.inspector.order(), ...sweepOf }),
    /** Two texts have a button of their own. */
    goPair(given = null) {
      filling.pair = given;
      setTimeout(() => document.querySelector('#pair-go')?.click(), 80);
    },
    askingPair: (source, rewriting) => [held('pair', 'source', 'pair-source', source), held('pair', 'rewriting', 'pair-rewriting', rewriting), window.inspector.order()],
    /** An example of two texts: filled in, and compared at once. */
    pair(example) {
      window.inspector.goPair(example);
      return [example.source, example.rewriting];
    },
    /** Run compressors on the text of the compare page, or on the first example where it is empty. */
    async runThese(compressors) {
      wanted = compressors;
      (await page).turn('compare');
      document.querySelector('#run-these').click();
    },
    /** Open a case of the gallery: its stored result at once, the live run behind it. */
    openCase(chosen) {
      opened = chosen;
      return window.inspector.runThese(chosen.compressors);
    },
    /** What the hidden button of `runThese` fills in: text and compressors. */
    these(text, example) {
      const given = { text: opened?.text ?? (text?.trim() ? text : example), names: wanted };
      window.inspector.go(opened ? 'case' : 'these', given);
      return [given.text, given.names];
    },
    /** Put a compressor beside those chosen; the last makes room where there are four. */
    async use(address) {
      wanted = [address];
      (await page).turn('compare');
      document.querySelector('#use-this').click();
    },
    using: (names) => [[...names.filter((name) => name !== wanted[0]).slice(0, 3), ...wanted]],
    asked: {}, // by probe: what its panel asks for
    /** Press a probe's hidden button; `ask` is what Python is told. */
    probe(name, ask, button = 'go') {
      window.inspector.asked[name] = { ...ask, probe: name, moment: now(), language: window.INSPECTOR_LANGUAGE };
      document.querySelector(`#${name}-${button}`)?.click();
    },
    shownIn: shown,
    get shown() {
      return shown.compare;
    },
    /** Mount a view; the last columns stay on the page when a later request cannot be met. */
    view(module, element, props, trigger, watch, name = 'compare') {
      let last = null;
      let whole = { still: null, moving: null, payload: null, parts: null };
      /** Put the two strings of `packed` in inspector/pages/compare.py together; each is parsed once. */
      const unpack = () => {
        const { still, moving } = props.value ?? {};
        if (!moving) return null;
        if (still !== whole.still || moving !== whole.moving) {
          const parts = still === whole.still ? whole.parts : JSON.parse(still);
          const told = JSON.parse(moving);
          const columns = told.columns.map((column, index) => ({ ...column, ...parts.columns[index] }));
          whole = { still, moving, parts, payload: { ...told, ...parts, columns } };
        }
        return whole.payload;
      };
      const value = () => {
        const payload = unpack();
        if (payload?.columns?.length) last = payload;
        const waiting = payload && !payload.columns?.length && ['error', 'running'].includes(payload.status);
        return waiting && last ? { ...last, status: payload.status, message: payload.message } : payload;
      };
      const progress = () => {
        shown[name] = value();
        const running = shown[name]?.status === 'running';
        document.body.classList.toggle(name === 'compare' ? 'running' : `running-${name}`, running);
        const bar = document.querySelector('#progress');
        if (bar && name === 'compare') bar.value = running ? Math.max(0.02, shown[name].progress) : 0;
        document.dispatchEvent(new CustomEvent(name === 'compare' ? 'inspector:shown' : `inspector:shown-${name}`)); // the probes' panels follow it, and Export
      };
      watch('value', progress);
      return module.mount(element, { get value() { return value(); } }, trigger, watch);
    },
  };
})();
