/** The document of the double as plain data, so that a snapshot is one string and undo restores it exactly. */
import type { Paint } from '@figma/plugin-typings/plugin-api-standalone';
import type { Matrix } from './matrix.ts';

export interface NodeState {
  readonly id: string;
  readonly type: string;
  parent: string | null;
  children: string[];
  /** Plain properties under their names in the typings. */
  props: Record<string, unknown>;
  pluginData: Record<string, string>;
  relaunchData: Record<string, string>;
}

export interface StyleState {
  readonly id: string;
  readonly name: string;
  readonly remote: boolean;
  paints: readonly Paint[];
}

interface DocumentState {
  nodes: Record<string, NodeState>;
  styles: Record<string, StyleState>;
  counter: number;
}

/** What a test writes down: properties of the typings, `children`, and an id of its own. */
export interface NodeSpec {
  readonly type: string;
  readonly id?: string;
  readonly name?: string;
  readonly children?: readonly NodeSpec[];
  readonly relativeTransform?: Matrix;
  readonly pluginData?: Record<string, string>;
  readonly [property: string]: unknown;
}

export const ROOT = '0:0';
export const PAGE = '0:1';

/** One document with undo: the history holds what commitUndo() closed, as Figma's does. */
export class State {
  private document: DocumentState = { nodes: {}, styles: {}, counter: 1 };
  private history: string[] = [];
  selection: string[] = [];
  currentPage = PAGE;
  /** The user may not change the file. */
  readOnly = false;

  constructor() {
    this.document.nodes[ROOT] = blank(ROOT, 'DOCUMENT', null, 'Document');
    this.document.nodes[PAGE] = blank(PAGE, 'PAGE', ROOT, 'Page 1');
    this.node(ROOT).children.push(PAGE);
  }

  get styles(): Record<string, StyleState> {
    return this.document.styles;
  }

  find(id: string): NodeState | undefined {
    return Object.keys(this.document.nodes).includes(id) ? this.document.nodes[id] : undefined;
  }

  all(): NodeState[] {
    return Object.values(this.document.nodes);
  }

  /** Throws as Figma does for a node that is gone. */
  node(id: string): NodeState {
    const node = this.find(id);
    if (!node) throw new Error(`The node with id "${id}" does not exist`);
    return node;
  }

  /** Throws where a plugin changes what it may not. */
  change(what: string): void {
    if (this.readOnly) throw new Error(`in ${what}: The file is read-only`);
  }

  add(type: string, parent: string, name: string, id = `1:${++this.document.counter}`): NodeState {
    this.change('createNode');
    if (this.find(id)) throw new Error(`Two nodes with id "${id}".`);
    const node = blank(id, type, parent, name);
    this.document.nodes[id] = node;
    this.node(parent).children.push(id);
    return node;
  }

  /** Removes a subtree; a group left without children goes with it. */
  remove(id: string): void {
    const node = this.node(id);
    for (const child of node.children.slice()) this.forget(child);
    this.detach(id);
    delete this.document.nodes[id];
    this.selection = this.selection.filter((selected) => this.find(selected));
  }

  private forget(id: string): void {
    for (const child of this.node(id).children) this.forget(child);
    delete this.document.nodes[id];
  }

  /** Takes a node out of its parent. */
  detach(id: string): void {
    const node = this.node(id);
    const parent = node.parent === null ? undefined : this.node(node.parent);
    node.parent = null;
    if (!parent) return;
    parent.children = parent.children.filter((child) => child !== id);
    const emptied = parent.type === 'GROUP' || parent.type === 'BOOLEAN_OPERATION';
    if (emptied && parent.children.length === 0) this.remove(parent.id);
  }

  move(id: string, parent: string, index: number): void {
    this.change('insertChild');
    this.detach(id);
    this.node(id).parent = parent;
    this.node(parent).children.splice(index, 0, id);
  }

  ancestors(id: string): NodeState[] {
    const list: NodeState[] = [];
    for (let at = this.node(id).parent; at !== null; at = this.node(at).parent) list.push(this.node(at));
    return list;
  }

  /** Everything but the selection, which undo does not restore byte for byte in Figma either. */
  snapshot(): string {
    return JSON.stringify(this.document);
  }

  /** Closes an undo step if anything changed since the last one. */
  commit(): void {
    const now = this.snapshot();
    if (this.history.length === 0 || this.history[this.history.length - 1] !== now) this.history.push(now);
  }

  /** Steps that can be undone. */
  get steps(): number {
    const open = this.snapshot() !== this.history[this.history.length - 1] ? 1 : 0;
    return Math.max(0, this.history.length - 1 + open);
  }

  undo(): void {
    if (this.snapshot() === this.history[this.history.length - 1]) this.history.pop();
    const before = this.history[this.history.length - 1];
    if (before === undefined) throw new Error('Nothing to undo.');
    this.document = JSON.parse(before) as DocumentState;
    this.selection = this.selection.filter((id) => this.find(id));
  }
}

function blank(id: string, type: string, parent: string | null, name: string): NodeState {
  return { id, type, parent, children: [], props: { name }, pluginData: {}, relaunchData: {} };
}
