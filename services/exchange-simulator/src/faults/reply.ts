/** What leaves the venue on a request: an answer in Binance's words, or what a client gets when something on the way has failed. */
export type Reply =
  | Answer
  /** A page or a text that is no JSON. */
  | {
      readonly kind: 'page';
      readonly status: number;
      readonly contentType: string;
      readonly text: string;
      readonly headers?: Headers;
    }
  /** Headers and half of the body, then the connection is cut. */
  | { readonly kind: 'torn'; readonly answer: Answer }
  /** The connection is cut without an answer. */
  | { readonly kind: 'cut' }
  /** Nothing is ever said; the connection stays open. */
  | { readonly kind: 'silence' };

/** An answer with a JSON body. */
export interface Answer {
  readonly kind: 'answer';
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Headers;
}

type Headers = Readonly<Record<string, string>>;
