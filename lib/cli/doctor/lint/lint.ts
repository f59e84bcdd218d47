import { readdirSync, readFileSync } from 'node:fs';

import { orNull } from '../../../diagnostics/inspect/readable.js';
import type { Finding } from '../rules.js';
import { type Beside, composeHasInit, readCompose, readKubernetes } from './containers.js';
import { readDockerfile } from './dockerfile.js';
import { readManifest } from './manifest.js';
import { readUnit } from './unit.js';
import { killsIn, type Said } from './words.js';
import { type Entry, readYaml } from './yaml.js';

/** What the starts have shown that the files are held against. */
export interface Shown {
  readonly graceMs: number;
  readonly drains: boolean;
  /** What the app runs beside itself; null if it was not started. */
  readonly helpers: readonly string[];
}

export interface Linted {
  readonly findings: readonly Finding[];
  /** Of what could not be read. */
  readonly notes: readonly string[];
  /** Whether the app is meant to run under an init. */
  readonly hasInit: boolean;
}

// Where such files usually are; nothing below them.
const folders = ['.', 'k8s', 'kubernetes', 'deploy', 'manifests', 'systemd', 'docker', 'scripts', 'bin'];
const isImage = /(?:^|\/)(?:Dockerfile|Containerfile)(?:\.\w+)?$|\.[Dd]ockerfile$/;
const isCompose = /(?:^|\/)(?:docker-)?compose[\w.-]*\.ya?ml$/;
const limit = 1_000_000;

interface Source {
  readonly name: string;
  readonly text: string;
}

const wanted = (name: string): boolean =>
  isImage.test(name) || /\.(?:ya?ml|service|sh)$/.test(name) || name === 'package.json';

function sources(): readonly Source[] {
  return folders.flatMap((folder) => {
    const names = orNull(() => readdirSync(folder, { withFileTypes: true })) ?? [];
    const files = names.filter((one) => one.isFile()).map(({ name }) => (folder === '.' ? name : `${folder}/${name}`));
    return files.filter(wanted).flatMap((name) => {
      const text = orNull(() => readFileSync(name, 'utf8'));
      return text === null || text.length > limit ? [] : [{ name, text }];
    });
  });
}

const isKubernetes = (entries: readonly Entry[]): boolean =>
  ['kind', 'apiVersion'].every((name) => entries.some(({ path }) => path === name));

class Lint {
  readonly findings: Finding[] = [];
  readonly notes: string[] = [];
  hasInit = false;
  readonly #shown: Shown;

  constructor(shown: Shown) {
    this.#shown = shown;
  }

  read(all: readonly Source[]): void {
    const images = all.filter(({ name }) => isImage.test(name));
    for (const source of images) this.#image(source);
    for (const source of all) {
      if (images.includes(source)) continue;
      if (/\.ya?ml$/.test(source.name)) this.#yaml(source);
      else this.#add(source.name, this.#plain(source));
    }
  }

  #plain({ name, text }: Source): readonly Said[] {
    if (name.endsWith('.service')) return readUnit(text, this.#shown.graceMs);
    if (name.endsWith('.sh')) return killsIn(text);
    try {
      return readManifest(text);
    } catch {
      this.notes.push(`${name} is no JSON`);
      return [];
    }
  }

  #image({ name, text }: Source): void {
    const image = readDockerfile(text);
    this.hasInit ||= image.hasInit;
    this.#add(name, image.said);
    const { helpers } = this.#shown;
    if (helpers.length > 0 && !image.hasInit && image.line > 0)
      this.#add(name, [['no-init', image.line, `no init, and the app runs ${helpers.join(', ')}`]]);
  }

  #yaml({ name, text }: Source): void {
    const { documents, unread } = readYaml(text);
    const beside: Beside = { ...this.#shown, imageHasInit: this.hasInit };
    const compose = isCompose.test(name);
    if (!compose && !documents.some(isKubernetes)) return;
    if (unread.length > 0) this.notes.push(`${name}: not read: line ${unread.join(', ')}`);
    for (const entries of documents) {
      if (compose) this.#add(name, readCompose(entries, beside));
      else if (isKubernetes(entries)) this.#add(name, readKubernetes(entries, beside));
      if (compose && composeHasInit(entries)) this.#addInit();
    }
  }

  // Asked for by who runs the image: then none is missing in it.
  #addInit(): void {
    this.hasInit = true;
    const others = this.findings.filter(({ rule }) => rule !== 'no-init');
    this.findings.splice(0, this.findings.length, ...others);
  }

  #add(name: string, said: readonly Said[]): void {
    for (const [rule, line, text] of said) this.findings.push({ rule, where: `${name}:${line}`, text });
  }
}

/** Reads what says how the app is run: the files in this directory, and in those below it that usually have them. */
export function lint(shown: Shown): Linted {
  const one = new Lint(shown);
  one.read(sources());
  return one;
}

/** The readiness page that a Kubernetes file names. */
export function readinessPage(): string | undefined {
  const files = sources().filter(({ name }) => /\.ya?ml$/.test(name));
  const documents = files.flatMap(({ text }) => readYaml(text).documents).filter(isKubernetes);
  return documents.flat().find(({ path }) => path.endsWith('.readinessProbe.httpGet.path'))?.value;
}
