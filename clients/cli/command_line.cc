#include "clients/cli/command_line.h"

#include <cstdlib>

namespace clients::cli {

namespace {

class Table {
 public:
  Table(CommandLine& out, Language language) : out_(out), options_(out.options), language_(language) {
    out_.app = std::make_unique<CLI::App>(say(Word::kHelpProgram), "feierabend");
  }

  void build() {
    everywhere();
    session();
    messages();
    questions();
    devices();
    upkeep();
  }

 private:
  std::string say(Word word) const { return terminal::say(language_, word); }

  CLI::App* group(const char* name, Word help) {
    CLI::App* const command = out_.app->add_subcommand(name, say(help));
    command->group(say(Word::kLabelCommands));
    dress(*command);
    return command;
  }
  CLI::App* command(CLI::App* parent, const char* name, Word help, Command run) {
    CLI::App* const made = parent->add_subcommand(name, say(help));
    made->group(say(Word::kLabelCommands));
    dress(*made);
    made->fallthrough();
    // A command is called after its own subcommands: `devices remove` is no `devices`.
    made->callback([this_out = &out_, run, made] {
      if (made->get_subcommands().empty()) this_out->chosen = run;
    });
    return made;
  }
  CLI::App* command(const char* name, Word help, Command run) { return command(out_.app.get(), name, help, run); }

  void dress(CLI::App& app) const {
    app.option_defaults()->group(say(Word::kLabelOptions));
    app.set_help_flag("-h,--help", say(Word::kHelpHelp));
    auto formatter = std::make_shared<CLI::Formatter>();
    formatter->column_width(34);
    formatter->label("OPTIONS", say(Word::kLabelOptions));
    formatter->label("Positionals", say(Word::kLabelArguments));
    formatter->label("SUBCOMMAND", say(Word::kLabelCommands));
    formatter->label("Usage", say(Word::kLabelUsage));
    formatter->label("REQUIRED", say(Word::kLabelRequired));
    app.formatter(formatter);
    app.fallthrough();
  }
  CLI::Option* option(CLI::App* at, const char* names, std::string& value, Word help) {
    return at->add_option(names, value, say(help));
  }

  void everywhere() {
    auto& app = *out_.app;
    dress(app);
    app.footer(say(Word::kHelpFooter));
    app.set_version_flag("--version", std::string("feierabend ") + FEIERABEND_VERSION, say(Word::kHelpVersion));
    app.require_subcommand(1);
    app.add_option("--home", options_.home, say(Word::kHelpHome))->envname("FEIERABEND_HOME");
    app.add_flag("--json", options_.json, say(Word::kHelpJson));
    app.add_option("--lang", language_option_, say(Word::kHelpLang))->check(CLI::IsMember({"de", "en"}));
    option(&app, "--pin-file", options_.pin_file, Word::kHelpPinFile);
  }

  void session() {
    auto* const login_command = command("login", Word::kHelpLogin, login);
    option(login_command, "--server", options_.server, Word::kHelpServer);
    option(login_command, "--ca", options_.ca_file, Word::kHelpCa);
    option(login_command, "--user", options_.user, Word::kHelpUser);
    option(login_command, "--password-file", options_.password_file, Word::kHelpPasswordFile);
    option(login_command, "--code", options_.code, Word::kHelpCode);
    option(login_command, "--totp-secret-file", options_.totp_secret_file, Word::kHelpTotpSecretFile);
    option(login_command, "--device-name", options_.device_name, Word::kHelpDeviceName);
    option(login_command, "--device-kind", options_.device_kind, Word::kHelpDeviceKind);
    auto* const enrol_command = command("enrol", Word::kHelpEnrol, enrol);
    option(enrol_command, "--name", options_.device_name, Word::kHelpName)->required();
    option(enrol_command, "--kind", options_.device_kind, Word::kHelpDeviceKind);
    command("logout", Word::kHelpLogout, logout);
  }

  void messages() {
    auto* const send_command = command("send", Word::kHelpSend, send);
    send_command->add_option("words", options_.words, say(Word::kHelpSendWords));
    option(send_command, "--conversation", options_.conversation, Word::kHelpConversation);
    option(send_command, "--class", options_.message_class, Word::kHelpClass);
    option(send_command, "--reason", options_.reason, Word::kHelpReason);
    option(send_command, "--expire", options_.expire, Word::kHelpExpire);
    option(send_command, "--timeout", options_.timeout, Word::kHelpTimeout);
    option(send_command, "--label", options_.label, Word::kHelpLabel);
    send_command->add_flag("--yes-send-anyway", options_.send_anyway, say(Word::kHelpSendAnyway));
    send_command->add_flag("--wait", options_.wait, say(Word::kHelpWait));
    auto* const listen_command = command("listen", Word::kHelpListen, listen);
    option(listen_command, "--for", options_.stop_after, Word::kHelpFor);
    listen_command->add_option("--count", options_.count, say(Word::kHelpCount));
    listen_command->add_flag("--foreground", options_.foreground, say(Word::kHelpForeground));
    auto* const chat_command = command("chat", Word::kHelpChat, chat);
    option(chat_command, "--label", options_.label, Word::kHelpLabel);
    chat_command->add_option("person", options_.words, say(Word::kHelpPerson))->required();
    auto* const history_command = command("history", Word::kHelpHistory, history);
    option(history_command, "with", options_.conversation, Word::kHelpHistoryWith);
    history_command->add_option("--limit", options_.limit, say(Word::kHelpLimit))->check(CLI::Range(1, 10'000));
  }

  void questions() {
    option(command("why", Word::kHelpWhy, why), "message", options_.message, Word::kHelpMessage)->required();
    option(command("status", Word::kHelpStatus, status), "message", options_.message, Word::kHelpMessage)->required();
    openings(command("gate", Word::kHelpGate, gate));
    option(command("people", Word::kHelpPeople, people), "text", options_.text, Word::kHelpPeopleText)->required();
    command("conversations", Word::kHelpConversations, conversations);
  }

  void openings(CLI::App* own_gate) {
    option(command(own_gate, "open", Word::kHelpGateOpen, gate_open), "--for", options_.open_for, Word::kHelpOpenFor)
        ->required();
    command(own_gate, "close", Word::kHelpGateClose, gate_close);
    command("ledger", Word::kHelpLedger, ledger);
    auto* const overrides = group("override", Word::kHelpOverride);
    overrides->require_subcommand(1);
    auto* const grant = command(overrides, "grant", Word::kHelpOverrideGrant, override_grant);
    option(grant, "--rule", options_.rule, Word::kHelpOverrideRule)->required();
    option(grant, "--reason", options_.reason, Word::kHelpReason)->required();
    option(grant, "--for", options_.open_for, Word::kHelpOpenFor)->required();
    option(grant, "--code", options_.code, Word::kHelpCode);
    option(grant, "--totp-secret-file", options_.totp_secret_file, Word::kHelpTotpSecretFile);
    grant->add_option("people", options_.people, say(Word::kHelpOverridePeople))->required();
    command(overrides, "list", Word::kHelpOverrideList, override_list);
  }

  void devices() {
    auto* const own = command("devices", Word::kHelpDevices, devices_list);
    command(own, "list", Word::kHelpDevicesList, devices_list);
    auto* const remove = command(own, "remove", Word::kHelpDevicesRemove, devices_remove);
    option(remove, "device", options_.device, Word::kHelpDeviceId)->required();
    auto* const approve = command(own, "approve", Word::kHelpDevicesApprove, devices_approve);
    option(approve, "code", options_.code, Word::kHelpConsentCode);
    approve->add_flag("--yes", options_.yes, say(Word::kHelpApproveYes));
    auto* const verify_command = command("verify", Word::kHelpVerify, verify);
    option(verify_command, "person", options_.person, Word::kHelpPerson)->required();
    verify_command->add_flag("--confirm", options_.confirm, say(Word::kHelpConfirm));
    verify_command->add_flag("--yes", options_.yes, say(Word::kHelpApproveYes));
    auto* const admin = group("admin", Word::kHelpAdmin);
    admin->require_subcommand(1);
    option(command(admin, "devices", Word::kHelpAdminDevices, admin_devices), "person", options_.person,
           Word::kHelpPerson)
        ->required();
    auto* const wipe = command(admin, "wipe", Word::kHelpAdminWipe, admin_wipe);
    option(wipe, "device", options_.device, Word::kHelpDeviceId)->required();
    option(wipe, "--reason", options_.wipe_reason, Word::kHelpWipeReason)->required();
    wipe->add_flag("--yes", options_.yes, say(Word::kHelpYes));
  }

  void upkeep() {
    command("lock", Word::kHelpLock, lock);
    option(command("pin", Word::kHelpPin, change_pin), "--new-pin-file", options_.new_pin_file, Word::kHelpNewPinFile);
    command("doctor", Word::kHelpDoctor, doctor);
    auto* const shell = group("completions", Word::kHelpCompletions);
    option(shell, "shell", options_.shell, Word::kHelpShell)->required();
    // What follows is the tool's own (main.cc).
    group("policy", Word::kHelpPolicy)->prefix_command();
    group("audit", Word::kHelpAudit)->prefix_command();
  }

  CommandLine& out_;
  Options& options_;
  Language language_;
  std::string& language_option_ = out_.language_option;
};

}  // namespace

std::unique_ptr<CommandLine> make_command_line(Language language) {
  auto out = std::make_unique<CommandLine>();
  out->options.language = language;
  Table(*out, language).build();
  return out;
}

}  // namespace clients::cli
