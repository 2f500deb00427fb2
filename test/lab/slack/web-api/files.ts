import { z } from 'zod';
import { validateMessage } from '../blocks.ts';
import { BOT_USER } from '../ids.ts';
import type { LabFile } from '../state.ts';
import type { ApiLab, Methods, Result } from './method.ts';
import { ApiError, channelFor, json, method, threadRoot } from './method.ts';

const fileList = z.array(z.object({ id: z.string(), title: z.string().optional() })).min(1);

export const fileMethods: Methods = {
  'files.getUploadURLExternal': method({ filename: z.string().min(1), length: z.coerce.number().int().min(1) }, (lab, args) => {
    const { id } = lab.uploads.begin(args.filename, args.length);
    return { upload_url: `${lab.baseUrl}/upload/${id}`, file_id: id };
  }),

  'files.completeUploadExternal': method(
    {
      files: json,
      channel_id: z.string().optional(),
      thread_ts: z.string().optional(),
      initial_comment: z.string().default(''),
      blocks: json.optional(),
    },
    (lab, args) => {
      const wanted = fileList.safeParse(args.files);
      if (!wanted.success) throw new ApiError('invalid_arguments', ['[ERROR] files: not a list of ids']);
      const checked = validateMessage(args.blocks ?? []);
      if (!checked.ok) throw new ApiError(checked.error, checked.messages);
      const channel = args.channel_id === undefined ? undefined : channelFor(lab, args.channel_id).id;
      const thread =
        channel === undefined || args.thread_ts === undefined ? {} : { threadTs: threadRoot(lab, channel, args.thread_ts) };
      const files = wanted.data.map(({ id, title }) => completed(lab, id, title));
      if (channel !== undefined) {
        lab.workspace.post({ channel, user: BOT_USER, text: args.initial_comment, blocks: checked.blocks, files, ...thread });
      }
      return { files: files.map(apiFile) };
    },
  ),
};

function completed(lab: ApiLab, id: string, title: string | undefined): LabFile {
  const file = lab.uploads.complete(id, title);
  if (file === undefined) throw new ApiError('file_not_found');
  return file;
}

function apiFile({ id, name, title, bytes }: LabFile): Result {
  return { id, name, title, size: bytes, mimetype: 'text/plain', filetype: 'text', user: BOT_USER };
}
