"""The engine's own commands: the list of what can happen."""

from engine.commands import (
    attachments,
    configuration,
    definitions,
    delegations,
    deliveries,
    device_commands,
    devices,
    handed_in,
    identities,
    incidents,
    intake,
    messages,
    process_instances,
    timers,
    work_item_notices,
    work_items,
)
from engine.commands.base import CommandRegistry


def engine_commands() -> CommandRegistry:
    """Give a registry with every command of the engine; processes add theirs to it."""
    known = CommandRegistry()
    known.register(process_instances.StartProcessInstance, process_instances.start)
    known.register(
        process_instances.CancelProcessInstance,
        process_instances.cancel,
        process_instances.prepare_cancel,
    )
    known.register(work_items.ClaimWorkItem, work_items.claim)
    known.register(work_items.ReleaseWorkItem, work_items.release)
    known.register(work_items.CompleteWorkItem, work_items.complete, work_items.prepare_complete)
    known.register(work_items.SaveDraft, work_items.save_draft)
    known.register(work_items.DiscardDraft, work_items.discard_draft)
    known.register(timers.FireTimers, timers.fire)
    known.register(work_item_notices.NoticeWorkItem, work_item_notices.notice)
    known.register(messages.DeliverMessage, messages.deliver)
    known.register(messages.DeliverSignal, messages.deliver_signal)
    known.register(handed_in.HandInMessage, handed_in.hand_in)
    known.register(incidents.ResolveIncident, incidents.resolve)
    known.register(deliveries.RecordFailedDelivery, deliveries.record_failed)
    known.register(deliveries.AttemptDelivery, deliveries.attempt)
    known.register(deliveries.RetryDelivery, deliveries.retry)
    known.register(deliveries.SkipDelivery, deliveries.skip)
    known.register(definitions.DeployDefinition, definitions.deploy, definitions.prepare)
    known.register(configuration.ChangeConfiguration, configuration.change)
    known.register(delegations.DelegateRole, delegations.give)
    known.register(delegations.EndDelegation, delegations.take_back)
    known.register(identities.CreateAccount, identities.create, identities.prepare_account)
    known.register(identities.ChangeAccount, identities.change)
    known.register(identities.SetPassword, identities.set_password, identities.prepare_password)
    known.register(identities.UnlockSigning, identities.unlock)
    known.register(identities.SignIn, identities.sign_in, identities.prepare_sign_in)
    known.register(attachments.StoreAttachment, attachments.store)
    known.register(attachments.StoreAttachmentPart, attachments.store_part)
    known.register(devices.EnrolDevice, devices.enrol)
    known.register(devices.RenewLease, devices.renew_lease, devices.prepare_lease)
    known.register(devices.RevokeDevice, devices.revoke_device)
    known.register(
        devices.RegisterCredential, devices.register_credential, devices.prepare_credential
    )
    known.register(devices.RevokeCredential, devices.revoke_credential)
    known.register(intake.TakeIn, intake.take_in, intake.prepare)
    known.register(device_commands.ApplyEnvelope, device_commands.apply, device_commands.prepare)
    known.register(device_commands.ParkEnvelope, device_commands.park)
    return known
