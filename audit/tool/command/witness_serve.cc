// `feierabend-audit witness serve`: a witness on the network, until SIGINT or SIGTERM.
#include <atomic>
#include <csignal>
#include <ostream>

#include "audit/tool/command/witness_parts.h"
#include "audit/witness/http/server.h"

namespace audit::tool {
namespace {

struct Asked {
  WitnessFiles files;
  std::string listen;
};

// A signal handler reaches nothing else.
std::atomic<witness::http::Server*> running;

void stop_running(int) {
  if (witness::http::Server* const server = running.load()) server->stop();
}

int serve(const Context& context, const Asked& asked) {
  const auto address = witness::http::ListenAddress::parse(asked.listen);
  if (!address) return refuse(context, address.error());
  auto opened = OpenWitness::open(asked.files, context.world.clock);
  if (!opened) return refuse(context, opened.error());
  auto server = witness::http::Server::open(*address, **opened, context.world.clock);
  if (!server) return refuse(context, server.error());
  running = server->get();
  std::signal(SIGINT, stop_running);
  std::signal(SIGTERM, stop_running);
  const std::string bound = (*server)->bound().text();
  answer(context, context.say(Word::kListening, (*opened)->verifier().name(), bound),
         boost::json::object{{"verifier", (*opened)->verifier().text()}, {"address", bound}});
  context.streams.out.flush();
  const auto ended = (*server)->run();
  running = nullptr;
  return ended ? kDone : refuse(context, ended.error());
}

}  // namespace

void add_witness_serve(Table& table, CLI::App& family) {
  auto asked = std::make_shared<Asked>();
  CLI::App& sub = table.command(family, "serve", Word::kWitnessServe,
                                [asked](const Context& context) { return serve(context, *asked); });
  witness_options(table, sub, asked->files);
  table.option(sub, "--listen", asked->listen, Word::kWitnessListen)->required();
}

}  // namespace audit::tool
