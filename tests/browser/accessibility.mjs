// What axe found on each page, kept for whoever wants to read it.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export class AccessibilityReport {
  #views = [];

  /** `tags`: those of the rules that are asked for; `mode`: the emulator's. */
  constructor(tags, mode) {
    this.tags = tags;
    this.mode = mode;
  }

  /** `view`: page, screen and colour scheme; `results`: axe's. */
  add(view, { testEngine, passes, violations, incomplete }) {
    this.engine = `${testEngine.name} ${testEngine.version}`;
    const rules = (results) => results.map(({ id }) => id);
    const found = (results) =>
      results.map(({ id, impact, help, helpUrl, nodes }) => ({
        rule: id,
        impact,
        help,
        helpUrl,
        elements: nodes.map(({ html }) => html),
      }));
    this.#views.push({
      ...view,
      passed: rules(passes),
      violations: found(violations),
      undecided: found(incomplete),
    });
  }

  /** For programs and for people, by the same name in this folder. */
  async write(folder) {
    const views = this.#views.toSorted((one, other) => nameOf(one).localeCompare(nameOf(other)));
    const { engine, mode, tags } = this;
    const json = JSON.stringify({ engine, mode, tags, views }, null, 2);
    await writeFile(join(folder, 'accessibility.json'), `${json}\n`);
    await writeFile(join(folder, 'accessibility.md'), this.#readable(views));
  }

  #readable(views) {
    const found = views.flatMap((view) => [...view.violations, ...view.undecided].map((what) => lineOf(view, what)));
    const rules = Map.groupBy(views.flatMap(({ passed }) => passed), (rule) => rule);
    const inViews = [...rules].map(([rule, { length }]) => `${rule}: in ${length} views`);
    const pages = new Set(views.map(({ page }) => page));
    return [
      '# Accessibility',
      '',
      `${pages.size} pages of the emulator (mode ${this.mode}) by the rules of ${this.engine} with the tags`,
      `${this.tags.join(', ')}: ${views.length} views, ${found.length} violations or undecided.`,
      'The page that stands in for a script is missing here, for axe is a script.',
      '',
      '| page | screen | colours | rules passed | violations | undecided |',
      '|---|---|---|---|---|---|',
      ...views.map(
        ({ page, screen, colorScheme, passed, violations, undecided }) =>
          `| ${page} | ${screen} | ${colorScheme} | ${passed.length} | ${violations.length} | ${undecided.length} |`,
      ),
      '',
      ...section('Violations and what is undecided', found),
      ...section('Rules that passed', inViews.sort()),
    ].join('\n');
  }
}

function nameOf({ page, screen, colorScheme }) {
  return `${page} ${screen} ${colorScheme}`;
}

function lineOf(view, { rule, help, elements }) {
  return `${nameOf(view)}: ${rule}, ${help}: ${elements.length} elements`;
}

function section(title, lines) {
  return [`## ${title}`, '', ...(lines.length > 0 ? lines.map((line) => `- ${line}`) : ['None.']), ''];
}
