// Files that a person drops or chooses: folders are opened, names lose their folders.

import { Wrong } from './bytes';
import type { Files } from './round';

const kMostFiles = 2000;
const kMostBytes = 64 * 1024 * 1024;

async function filesOf(entry: FileSystemEntry): Promise<File[]> {
  if (entry.isFile) {
    return [await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject))];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const out: File[] = [];
  for (;;) {  // it gives a hundred at a time
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return out;
    for (const one of some) out.push(...(await filesOf(one)));
    if (out.length > kMostFiles) throw new Wrong('more than 2,000 files were dropped; drop one round\'s folder');
  }
}

export async function dropped(transfer: DataTransfer): Promise<File[]> {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  if (entries.length === 0) return [...transfer.files];
  return (await Promise.all(entries.map(filesOf))).flat();
}

export async function read(files: readonly File[]): Promise<Files> {
  if (files.length > kMostFiles) throw new Wrong('more than 2,000 files; choose one round\'s folder');
  if (files.reduce((sum, file) => sum + file.size, 0) > kMostBytes) throw new Wrong('more than 64 MiB; choose one round\'s folder');
  const out = new Map<string, Uint8Array>();
  for (const file of files) {
    if (out.has(file.name)) throw new Wrong(`${file.name} is there twice: choose one round's folder, not several`);
    out.set(file.name, new Uint8Array(await file.arrayBuffer()));
  }
  return out;
}
