import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request that arrived at the server: what a client of Qdrant sent. */
export interface Sent {
  method: string;
  /** Path and query. */
  url: string;
  /** The body as it came over the wire, empty where there was none. */
  body: string;
}

interface Point {
  id: string | number;
  vector: number[];
  payload?: Record<string, unknown> | null;
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

class Refusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * An HTTP server that answers as Qdrant's REST API is documented to (https://api.qdrant.tech), as far as a `QdrantIndex` needs
 * it: collections with Euclidean distance, upsert, delete, query and count. It keeps numbers in float32, compares one by one,
 * and refuses what Qdrant refuses. It is not Qdrant: nothing here says how the real server behaves beyond its documents.
 */
export async function startQdrantServer() {
  const sent: Sent[] = [];
  const collections = new Map<string, { size: number; points: Map<string | number, Point> }>();

  const answer = (method: string, path: string, body: Record<string, unknown>): unknown => {
    const [, name = '', , what = ''] = path.match(/^\/collections\/([^/]+)(\/(points(?:\/\w+)?))?$/) ?? [];
    if (method === 'PUT' && what === '') {
      const { size, distance } = body.vectors as { size: number; distance: string };
      if (distance !== 'Euclid') throw new Refusal(400, 'Not kept here: only Euclid.');
      collections.set(name, { size, points: new Map() });
      return true;
    }
    const collection = collections.get(name);
    if (!collection) throw new Refusal(404, `Not found: Collection \`${name}\` doesn't exist!`);
    const { size, points } = collection;
    const stored = (vector: number[]) => {
      if (vector.length === size) return vector.map(Math.fround);
      throw new Refusal(400, `Wrong input: Vector dimension error: expected dim: ${size}, got ${vector.length}`);
    };
    const checkedId = (id: string | number) => {
      if (typeof id === 'number' ? Number.isInteger(id) && id >= 0 : uuid.test(id)) return id;
      throw new Refusal(
        400,
        `value ${id} is not a valid point ID, valid values are either an unsigned integer or a UUID`,
      );
    };
    const completed = { operation_id: sent.length, status: 'completed' };
    switch (`${method} ${what}`) {
      case 'PUT points':
        for (const { id, vector, payload } of body.points as Point[]) {
          points.set(checkedId(id), { id, vector: stored(vector), payload: payload ?? {} });
        }
        return completed;
      case 'POST points/delete':
        for (const id of body.points as string[]) points.delete(checkedId(id));
        return completed;
      case 'POST points/count':
        return { count: points.size };
      case 'POST points/query': {
        const {
          query,
          limit = 10,
          score_threshold: within = Number.POSITIVE_INFINITY,
        } = body as {
          query: number[];
          limit?: number;
          score_threshold?: number;
        };
        const probe = stored(query);
        const scored = [...points.values()].map(({ id, vector, payload }) => ({
          id,
          version: 0,
          score: Math.fround(Math.hypot(...vector.map((value, i) => value - (probe[i] as number)))),
          ...(body.with_payload === true && { payload }),
        }));
        // Of Euclid the score is the distance: less is better, and the threshold is the most that is answered.
        const found = scored.filter(({ score }) => score <= within).sort((a, b) => a.score - b.score);
        return { points: found.slice(0, limit) };
      }
      default:
        throw new Refusal(404, 'Not found');
    }
  };

  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method = '', url = '' } = request;
    const body = Buffer.concat(chunks).toString();
    const { pathname } = new URL(url, 'http://x');
    const write = (status: number, content: unknown) =>
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(content));
    // The client asks for the server's version when it is made.
    if (pathname === '/') return write(200, { title: 'qdrant - vector search engine', version: '1.19.0' });
    sent.push({ method, url, body });
    try {
      write(200, { result: answer(method, pathname, JSON.parse(body)), status: 'ok', time: 0.001 });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      write(error.status, { status: { error: error.message }, time: 0 });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** All that was asked of collections, in the order in which it came. */
    sent,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
