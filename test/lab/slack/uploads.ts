import { newId } from './ids.ts';
import type { LabFile } from './state.ts';

export interface Upload {
  readonly id: string;
  readonly name: string;
  readonly bytes: number;
  content?: Buffer;
}

/** Files between the request for an upload address and the completion. */
export class Uploads {
  readonly #uploads = new Map<string, Upload>();
  readonly #complete = new Map<string, LabFile>();

  /** Returns the id, which is also the last part of the upload address. */
  begin(name: string, bytes: number): Upload {
    const upload = { id: newId('F'), name, bytes };
    this.#uploads.set(upload.id, upload);
    return upload;
  }

  /** False when the address is not known or the size is not the announced one. */
  receive(id: string, content: Buffer): boolean {
    const upload = this.#uploads.get(id);
    if (upload === undefined || upload.bytes !== content.byteLength) return false;
    upload.content = content;
    return true;
  }

  complete(id: string, title?: string): LabFile | undefined {
    const upload = this.#uploads.get(id);
    if (upload?.content === undefined) return undefined;
    const { name, bytes, content } = upload;
    const file = { id, name, title: title ?? name, content: content.toString('utf8'), bytes };
    this.#complete.set(id, file);
    this.#uploads.delete(id);
    return file;
  }

  file(id: string): LabFile | undefined {
    return this.#complete.get(id);
  }
}
