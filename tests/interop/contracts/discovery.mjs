// Health as a stranger asks, on @grpc/grpc-js, which shares no line with ours.
//
//   node discovery.mjs health PORT   Check and Watch of the server, of a service, and of one that is not there
//   node discovery.mjs watch PORT    says {"status": …} for each thing that it is told, and at the end with what the call ended
//
// Each prints JSON objects; exit code 0: everything was as it should be.
import { fileURLToPath } from "node:url";
import grpc from "@grpc/grpc-js";
import loader from "@grpc/proto-loader";

const protos = fileURLToPath(new URL("../../../protos", import.meta.url));
const api = grpc.loadPackageDefinition(loader.loadSync(["grpc/health/v1/health.proto"], { includeDirs: [protos], keepCase: true, enums: String }));
const client = (port) => new api.grpc.health.v1.Health(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
const deadline = () => ({ deadline: Date.now() + 60_000 });
const say = (what) => console.log(JSON.stringify(what));
const name = (code) => Object.keys(grpc.status).find((key) => grpc.status[key] === code);

const check = (stub, service) =>
  new Promise((resolve) => stub.Check({ service }, deadline(), (error, response) => resolve(error ? name(error.code) : response.status)));

const first = (stub, service) =>
  new Promise((resolve) => {
    const call = stub.Watch({ service }, deadline());
    call.on("error", () => {}).once("data", (response) => {
      call.cancel();
      resolve(response.status);
    });
  });

async function health(port) {
  const stub = client(port);
  const said = {};
  for (const service of ["", "framewire.v1.Ingest", "no.Such"]) said[service] = [await check(stub, service), await first(stub, service)];
  say(said);
  stub.close();
}

const watch = (port) =>
  new Promise((resolve) => {
    const stub = client(port);
    stub.Watch({}, deadline())
      .on("data", (response) => say({ status: response.status }))
      .on("error", (error) => {
        say({ end: name(error.code) });
        stub.close();
        resolve();
      });
  });

const roles = { health, watch };
await roles[process.argv[2]](...process.argv.slice(3));
