import { z } from 'zod';

/** Parts of blocks with the limits that Slack documents; an unknown property is refused, as Slack does. */

export function plainText(maxLength: number) {
  return z.strictObject({
    type: z.literal('plain_text'),
    text: z.string().min(1).max(maxLength),
    emoji: z.boolean().optional(),
  });
}

export function mrkdwn(maxLength: number) {
  return z.strictObject({
    type: z.literal('mrkdwn'),
    text: z.string().min(1).max(maxLength),
    verbatim: z.boolean().optional(),
  });
}

export function textObject(maxLength: number) {
  return z.discriminatedUnion('type', [plainText(maxLength), mrkdwn(maxLength)]);
}

const colorScheme = z.enum(['primary', 'danger']);

const confirm = z.strictObject({
  title: plainText(100).optional(),
  text: textObject(300),
  confirm: plainText(30).optional(),
  deny: plainText(30).optional(),
  style: colorScheme.optional(),
});

const actionId = z.string().min(1).max(255).optional();

export const button = z.strictObject({
  type: z.literal('button'),
  text: plainText(75),
  action_id: actionId,
  value: z.string().max(2000).optional(),
  url: z.string().max(3000).optional(),
  style: colorScheme.optional(),
  confirm: confirm.optional(),
  accessibility_label: z.string().max(75).optional(),
});

const option = z.strictObject({
  text: plainText(75),
  value: z.string().min(1).max(150),
  description: plainText(75).optional(),
});

export const staticSelect = z.strictObject({
  type: z.literal('static_select'),
  action_id: actionId,
  placeholder: plainText(150).optional(),
  options: z.array(option).min(1).max(100),
  initial_option: option.optional(),
  confirm: confirm.optional(),
  focus_on_load: z.boolean().optional(),
});

export const plainTextInput = z.strictObject({
  type: z.literal('plain_text_input'),
  action_id: actionId,
  placeholder: plainText(150).optional(),
  initial_value: z.string().max(3000).optional(),
  multiline: z.boolean().optional(),
  min_length: z.number().int().min(0).max(3000).optional(),
  max_length: z.number().int().min(1).max(3000).optional(),
  focus_on_load: z.boolean().optional(),
});

export const imageElement = z.strictObject({
  type: z.literal('image'),
  image_url: z.string().max(3000).optional(),
  slack_file: z.strictObject({ id: z.string().optional(), url: z.string().optional() }).optional(),
  alt_text: z.string().min(1).max(2000),
});

const richTextStyle = z
  .strictObject({
    bold: z.boolean().optional(),
    italic: z.boolean().optional(),
    strike: z.boolean().optional(),
    code: z.boolean().optional(),
    underline: z.boolean().optional(),
  })
  .optional();

const richText = z.strictObject({ type: z.literal('text'), text: z.string().min(1), style: richTextStyle });
const richLink = z.strictObject({
  type: z.literal('link'),
  url: z.string().min(1),
  text: z.string().optional(),
  unsafe: z.boolean().optional(),
  style: richTextStyle,
});

const richTextElement = z.discriminatedUnion('type', [
  richText,
  richLink,
  z.strictObject({ type: z.literal('user'), user_id: z.string(), style: richTextStyle }),
  z.strictObject({ type: z.literal('usergroup'), usergroup_id: z.string(), style: richTextStyle }),
  z.strictObject({ type: z.literal('channel'), channel_id: z.string(), style: richTextStyle }),
  z.strictObject({ type: z.literal('emoji'), name: z.string().min(1), unicode: z.string().optional(), style: richTextStyle }),
  z.strictObject({ type: z.literal('broadcast'), range: z.enum(['here', 'channel', 'everyone']), style: richTextStyle }),
  z.strictObject({
    type: z.literal('date'),
    timestamp: z.number().int(),
    format: z.string().min(1),
    url: z.string().optional(),
    fallback: z.string().optional(),
    style: richTextStyle,
  }),
]);

const richTextSection = z.strictObject({ type: z.literal('rich_text_section'), elements: z.array(richTextElement) });

export const richTextParts = z.array(
  z.discriminatedUnion('type', [
    richTextSection,
    z.strictObject({
      type: z.literal('rich_text_list'),
      style: z.enum(['bullet', 'ordered']),
      elements: z.array(richTextSection),
      indent: z.number().int().min(0).max(8).optional(),
      offset: z.number().int().min(0).optional(),
      border: z.number().int().min(0).max(1).optional(),
    }),
    z.strictObject({
      type: z.literal('rich_text_quote'),
      elements: z.array(richTextElement),
      border: z.number().int().min(0).max(1).optional(),
    }),
    z.strictObject({
      type: z.literal('rich_text_preformatted'),
      elements: z.array(z.discriminatedUnion('type', [richText, richLink])),
      border: z.number().int().min(0).max(1).optional(),
      language: z.string().optional(),
    }),
  ]),
);

export type RichTextPart = z.output<typeof richTextParts>[number];
export type RichTextElement = z.output<typeof richTextElement>;
export type TextObject = z.output<ReturnType<typeof textObject>>;
export type Button = z.output<typeof button>;
export type BlockElement = Button | z.output<typeof staticSelect> | z.output<typeof plainTextInput>;
